"""The same runs under luigi 3.8.1 and under Martlet: outputs, tasks that ran, exit codes, summaries, messages.

MARTLET_REAL_LUIGI names a Python that has luigi installed; by default it is looked for in the one running.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from beside_luigi.answer import Answer, ask
from beside_luigi.case import CASES, Case
from beside_luigi.differences import EVERYWHERE, MOST, RULES, listed, taken_away, texts

REAL = os.environ.get("MARTLET_REAL_LUIGI", sys.executable)
Pair = tuple[Answer, Answer]


@pytest.fixture(scope="module")
def luigi() -> str:
    """The Python that has it."""
    real = {**os.environ, "MARTLET_LUIGI": "real"}
    there = subprocess.run([REAL, "-c", "import luigi"], env=real, capture_output=True, check=False)
    if there.returncode != 0:
        pytest.skip(f"SKIPPED COMPARISON WITH LUIGI: {REAL} has no luigi; set MARTLET_REAL_LUIGI to one that has")
    return REAL


@pytest.fixture
def answers(request: pytest.FixtureRequest, luigi: str, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Those of luigi and of Martlet to the case that the test is parametrised with."""
    case: Case = request.getfixturevalue("case")
    if case.name not in _by_name:
        folder = tmp_path_factory.mktemp("case")
        theirs = ask(case, luigi, folder / "luigi" / "here", ours=False)
        _by_name[case.name] = theirs, ask(case, sys.executable, folder / "martlet" / "here", ours=True)
    return _by_name[case.name]


_by_name: dict[str, Pair] = {}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_same_tasks_run_and_make_the_same(case: Case, answers: Pair) -> None:
    theirs, ours = answers
    assert (ours.code, ours.ran, ours.files) == (theirs.code, theirs.ran, theirs.files), "\n".join(ours.log)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_same_is_said_but_for_what_is_listed(case: Case, answers: Pair) -> None:
    theirs, ours = map(texts, answers)
    assert taken_away(ours, case) == taken_away(theirs, case)
    gone = [name for name in case.differs if taken_away(ours, case, name) == taken_away(theirs, case, name)]
    assert gone == [], "these differences are no more; take them from the case, and from docs/migrate.md if in no other"


def test_the_list_of_differences() -> None:
    assert listed() == list(RULES)
    assert len(RULES) <= MOST
    shown = {name for case in CASES for name in case.differs}
    assert shown == set(RULES).difference(EVERYWHERE)


@pytest.mark.parametrize("name", EVERYWHERE)
def test_differences_of_every_log_are_there(name: str, luigi: str, tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == "a diamond")
    theirs = texts(ask(case, luigi, tmp_path / "luigi" / "here", ours=False))
    ours = texts(ask(case, sys.executable, tmp_path / "martlet" / "here", ours=True))
    ordered = Case(case.name, case.words, ordered=True)
    assert taken_away(ours, ordered, name) != taken_away(theirs, ordered, name)

"""Texts from all over the place, read as values of every parameter type: luigi's values, texts and errors.

MARTLET_REAL_LUIGI names a Python that has luigi installed; by default it is looked for in the one running.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

hypothesis = pytest.importorskip("hypothesis", reason="SKIPPED COMPARISON OF VALUES: hypothesis is missing here")
st = pytest.importorskip("hypothesis.strategies")

import martlet  # noqa: E402 -- what is skipped needs none

TESTS = Path(__file__).resolve().parents[1]
SOURCE = Path(martlet.__file__).resolve().parent.parent
READER = TESTS / "beside_luigi" / "reader.py"
REAL = os.environ.get("MARTLET_REAL_LUIGI", sys.executable)
NAMES = [
    "Parameter", "StrParameter", "IntParameter", "FloatParameter", "BoolParameter", "NumericalParameter",
    "DateParameter", "MonthParameter", "YearParameter", "DateHourParameter", "DateMinuteParameter",
    "DateSecondParameter", "DateIntervalParameter", "TimeDeltaParameter", "TaskParameter", "EnumParameter",
    "EnumListParameter", "DictParameter", "ListParameter", "TupleParameter", "ChoiceParameter", "ChoiceListParameter",
    "PathParameter", "OptionalParameter", "OptionalStrParameter", "OptionalIntParameter", "OptionalFloatParameter",
    "OptionalBoolParameter", "OptionalPathParameter", "OptionalDictParameter", "OptionalListParameter",
    "OptionalTupleParameter", "OptionalChoiceParameter", "OptionalNumericalParameter",
]  # fmt: skip

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
literals = st.recursive(
    st.integers() | st.text(max_size=4), lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=5
)
dates = st.from_regex(r"\A-?[0-9]{4}(-W?[0-9]{1,2}){0,2}(T[0-9]{2}(H?[0-9]{2}([0-9]{2})?)?)?(-[0-9]{4}-[0-9]{2})?\Z")
moments = (
    st.datetimes()
    .map(lambda moment: moment.strftime("%Y-%m-%dT%H%M%S"))
    .flatmap(lambda text: st.sampled_from([text[:length] for length in (4, 7, 10, 13, 15, 17)]))
)
spans = st.from_regex(
    r"\A(P?([0-9]{1,3}[ ]?(w|W|d|D|h|H|m|M|s|S|weeks?|days|hours|T)[ ]?){1,4}|-?[0-9]{1,5}(\.[0-9])?)\Z"
)
words = st.lists(st.sampled_from(["red", "blue", "a", "b", "1", "2", "true", "FALSE", "Some", "None", ""]), max_size=3)
texts = (
    st.text(max_size=12) | json_values.map(json.dumps) | literals.map(repr) | dates | moments | spans
    | words.map(",".join) | st.integers().map(str) | st.floats().map(str)
)  # fmt: skip


class Reader:
    """A process that reads texts."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.names = self._answer()

    def read(self, name: str, text: str) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([name, text]) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


@contextmanager
def reader(python: str, ours: bool) -> Iterator[Reader]:
    path = [str(TESTS / "beside_luigi" / "place"), str(TESTS.parent / "martlet-luigi"), str(SOURCE)] * ours
    environment = {
        **os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join(path),
        "MARTLET_LUIGI": "" if ours else "real",
    }  # fmt: skip
    command = [python, "-W", "ignore", str(READER)]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        yield Reader(process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture(scope="module")
def readers() -> Iterator[tuple[Reader, Reader]]:
    real = {**os.environ, "MARTLET_LUIGI": "real"}
    there = subprocess.run([REAL, "-c", "import luigi"], env=real, capture_output=True, check=False)
    if there.returncode != 0:
        pytest.skip(f"SKIPPED COMPARISON WITH LUIGI: {REAL} has no luigi; set MARTLET_REAL_LUIGI to one that has")
    with reader(REAL, ours=False) as theirs, reader(sys.executable, ours=True) as ours:
        yield theirs, ours


def test_every_parameter_type_is_read(readers: tuple[Reader, Reader]) -> None:
    assert readers[0].names == readers[1].names == sorted(NAMES)
    exported = {name for name in martlet.__all__ if name.endswith("Parameter")}
    exported.discard("BranchesParameter")  # luigi has none
    assert exported <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_values_texts_and_errors(name: str, readers: tuple[Reader, Reader]) -> None:
    theirs, ours = readers

    @hypothesis.settings(max_examples=150, deadline=None, derandomize=True, database=None)
    @hypothesis.given(texts)
    def compare(text: str) -> None:
        assert ours.read(name, text) == theirs.read(name, text)

    compare()

"""What is found of planned tasks that another run had to do with, however often they are looked at."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import martlet
from martlet.running.build import _Session
from martlet.running.collector import Collector
from martlet.running.completeness import Kind
from martlet.running.options import Options
from martlet.running.plan import Planner
from martlet.running.reporter import Silent
from running.runs import go
from workflow.work import Joined

ABSENT, THERE = bytes([Kind.OUTPUT_ABSENT]), bytes([Kind.COMPLETE])


class Note(martlet.Task):
    """Writes the file `name` into `folder`."""

    folder = martlet.Parameter()
    name = martlet.Parameter()

    def output(self) -> Any:
        return martlet.LocalTarget(f"{self.folder}/{self.name}")

    def run(self) -> None:
        with self.output().open("w") as file:
            file.write("a note")


@contextmanager
def planned(task: martlet.Task, folder: Path, **options: Any) -> Iterator[Planner]:
    """The planner of a run that has planned `task`, with the number 0, and has not begun."""
    with Collector() as collector:
        state = folder / "state"
        yield _Session([task], Options(state=state, **options), Silent(), collector, state).planner


def looks(planner: Planner, count: int) -> list[bytes]:
    return [planner.look_again(array("i", [0])) for _ in range(count)]


def test_what_another_run_has_made_stays_made(tmp_path: Path) -> None:
    task = Note(str(tmp_path), "a")
    with planned(task, tmp_path) as planner:
        assert looks(planner, 2) == [ABSENT] * 2
        assert go(task, tmp_path)
        # one that waits for others is looked at when it is claimed, and again when its turn comes
        assert looks(planner, 3) == [THERE] * 3
        Path(task.output().path).unlink()
        assert looks(planner, 2) == [ABSENT] * 2


@pytest.mark.parametrize("rule", ["reports", "both"])
def test_a_report_that_was_new_once_counts_at_every_look(tmp_path: Path, rule: str) -> None:
    task = Note(str(tmp_path), "a")
    with planned(task, tmp_path, complete_by={"*": rule}) as planner:
        assert looks(planner, 2) == [ABSENT] * 2
        assert go(task, tmp_path, complete_by={"*": rule})
        assert looks(planner, 3) == [THERE] * 3


def test_what_runs_though_it_is_there_is_made_by_a_new_report_alone(tmp_path: Path) -> None:
    task = Note(str(tmp_path), "a")
    assert go(task, tmp_path)
    with planned(task, tmp_path, rerun_on={"*": "code"}) as planner:
        assert planner.kinds[0] == Kind.COMPLETE
        assert looks(planner, 3) == [ABSENT] * 3
        assert go(task, tmp_path, force=("Note",))
        assert looks(planner, 3) == [THERE] * 3


def steps_seen(planner: Planner) -> set[Kind]:
    """What the steps of a cascade, but for the last, are found to be."""
    steps = [i for i, task in enumerate(planner.tasks) if isinstance(task, Joined) and not task.is_last_step()]
    assert steps
    return {Kind(kind) for kind in planner.look_again(array("i", steps))}


def test_what_another_run_has_made_and_used_up_is_not_made_again(tmp_path: Path) -> None:
    task = Joined(folder=str(tmp_path), words=tuple("abcdefghij"))
    with planned(task, tmp_path) as planner:
        assert steps_seen(planner) == {Kind.OUTPUT_ABSENT}
        assert go(task, tmp_path) and not list(tmp_path.glob("joined.merge*"))
        assert steps_seen(planner) == {Kind.COMPLETE}
        (tmp_path / "joined.txt").unlink()
        assert steps_seen(planner) == {Kind.OUTPUT_ABSENT}


def test_what_is_made_anew_needs_its_parts_anew(tmp_path: Path) -> None:
    task = Joined(folder=str(tmp_path), words=tuple("abcdefghij"))
    assert go(task, tmp_path)
    with planned(task, tmp_path, force=(task.task_id,)) as planner:
        assert steps_seen(planner) == {Kind.OUTPUT_ABSENT}

"""Tasks that run one after another in the driver: told together, each as if it had run alone."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

import martlet
from martlet.events import Event
from martlet.running.build import run
from martlet.running.options import Options
from martlet.running.reporter import Silent
from martlet.running.result import ExitCode, RunResult
from martlet.running.title import title
from martlet.task import Task


class Short(Task):
    """Does what it is told with its one file."""

    folder = martlet.Parameter()
    n = martlet.IntParameter()
    what = martlet.Parameter(default="write")

    def output(self) -> Any:
        name = "π" if self.what == "greek" else self.what
        return martlet.LocalTarget(f"{self.folder}/{name}-{self.n}")

    def run(self) -> Any:
        if self.what == "forget":
            return None
        if self.what == "fail":
            raise ValueError(f"{self.n} is refused")
        if self.what == "yield":
            return self._after(Short(folder=self.folder, n=100 + self.n))
        if self.what == "sleep":
            time.sleep(0.05)
        if self.what == "say":
            print(f"it is {self.n}")
        self._write()
        if self.what == "leave":
            os.chdir("/")
            os.environ["LEFT"] = "behind"
        return None

    def _after(self, other: Task) -> Any:
        yield other
        self._write()

    def _write(self) -> None:
        with self.output().open("w") as file:
            file.write("left" if "LEFT" in os.environ else "clean")


def go(tasks: list[Short], tmp_path: Path, **options: Any) -> RunResult:
    return run(tasks, Options(**{"workers": 1, "state": tmp_path / "state", **options}), Silent())


def records(tmp_path: Path) -> dict[int, dict[str, Any]]:
    """What the reports say, by the parameter n; lines are a checksum and a JSON object."""
    found = {}
    for segment in (tmp_path / "state" / "reports").rglob("*.jsonl"):
        for line in segment.read_text().splitlines()[1:]:
            record = json.loads(line[line.index("{") : line.rindex("}") + 1])
            if "params" in record:
                found[int(record["params"]["n"])] = record
    return found


def tasks_of(tmp_path: Path, *whats: str) -> list[Short]:
    return [Short(folder=str(tmp_path), n=n, what=what) for n, what in enumerate(whats)]


@pytest.mark.parametrize("workers", [1, 2])
def test_each_end_is_its_own(tmp_path: Path, workers: int) -> None:
    wanted = tasks_of(tmp_path, "write", "fail", "greek", "forget", "yield", "write")
    result = go(wanted, tmp_path, workers=workers)
    assert result.exit_code == ExitCode.FAILED
    assert {ending.title: ending.state for ending in result.endings} == {
        title(wanted[1]): "failed",
        title(wanted[3]): "failed",
    }
    causes = {ending.title: ending.cause for ending in result.endings}
    assert "1 is refused" in causes[title(wanted[1])]
    assert f"without having made {tmp_path}/forget-3" in causes[title(wanted[3])]
    assert sorted(n for n, one in records(tmp_path).items() if one["state"] == "done") == [0, 2, 4, 5, 104]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_task_without_outputs_has_nothing_to_show(tmp_path: Path, workers: int) -> None:
    class Shouts(Short):
        def output(self) -> Any:
            return []

        def run(self) -> None:
            (tmp_path / f"shout-{self.n}").touch()

    assert go([Shouts(folder=str(tmp_path), n=n) for n in range(3)], tmp_path, workers=workers)
    told = records(tmp_path)
    assert {n: one["state"] for n, one in told.items()} == dict.fromkeys(range(3), "done")
    assert all("outputs" not in one for one in told.values())
    assert len(list(tmp_path.glob("shout-*"))) == 3


def test_what_one_leaves_does_not_reach_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # relative paths: looked at from where the run began
    wanted = [Short(folder=".", n=n, what="leave" if n % 2 else "write") for n in range(8)]
    assert go(wanted, tmp_path)
    assert {(tmp_path / f"write-{n}").read_text() for n in range(0, 8, 2)} == {"clean"}
    assert "LEFT" not in os.environ and os.getcwd() == str(tmp_path)


def test_times_are_those_of_each_task(tmp_path: Path) -> None:
    before = time.monotonic()
    assert go(tasks_of(tmp_path, "write", "sleep", "write", "forget", "write"), tmp_path).exit_code
    elapsed = time.monotonic() - before
    told = records(tmp_path)
    assert told[1]["wall"] >= 0.05
    assert sum(one["wall"] for one in told.values()) <= elapsed
    in_order = sorted(told.values(), key=lambda one: one["start"])
    for one, following in zip(in_order, in_order[1:]):
        # walls are rounded to a microsecond
        assert one["start"] + one["wall"] * 1e9 <= following["start"] + 2000
    assert all(one["cpu"] >= 0 and one["rss"] > 0 for one in told.values())


def test_times_of_tasks_in_flight_do_not_overlap(tmp_path: Path) -> None:
    assert go(tasks_of(tmp_path, *["write"] * 200), tmp_path, workers=2)
    by_worker: dict[str, list[dict[str, Any]]] = {}
    for one in records(tmp_path).values():
        by_worker.setdefault(one["log"][0], []).append(one)
    assert sum(map(len, by_worker.values())) == 200
    for told in by_worker.values():
        in_order = sorted(told, key=lambda one: one["start"])
        for one, following in zip(in_order, in_order[1:]):
            # walls are rounded to a microsecond
            assert one["start"] + one["wall"] * 1e9 <= following["start"] + 2000


def test_an_output_that_is_taken_away_again_is_missed(tmp_path: Path) -> None:
    class Takes(Short):
        def run(self) -> None:
            (tmp_path / f"write-{self.n - 1}").unlink(missing_ok=True)
            self._write()

    first = Short(folder=str(tmp_path), n=1)
    result = go([Takes(folder=str(tmp_path), n=2, what="takes"), first], tmp_path)
    # whichever ran first: what is not there at the end was not made
    assert result.exit_code == (ExitCode.OK if first.complete() else ExitCode.FAILED)


def test_a_listener_hears_of_every_task(tmp_path: Path) -> None:
    heard: list[int] = []

    @Short.event_handler(Event.SUCCESS)
    def note(task: Short) -> None:
        heard.append(task.n)

    try:
        assert go(tasks_of(tmp_path, "write", "write"), tmp_path)
    finally:
        Short.remove_event_handler(Event.SUCCESS, note)
    assert sorted(heard) == [0, 1]


def test_a_task_of_which_the_output_moves_is_asked_again(tmp_path: Path) -> None:
    class Moves(Short):
        moved = False

        def output(self) -> Any:
            return martlet.LocalTarget(f"{self.folder}/{'there' if Moves.moved else 'here'}")

        def run(self) -> None:
            Moves.moved = True
            self._write()

    assert go([Moves(folder=str(tmp_path), n=1)], tmp_path)
    assert (tmp_path / "there").exists()


def test_a_task_that_cannot_tell_its_id_runs_all_the_same(tmp_path: Path) -> None:
    class Nameless(Short):
        @property
        def task_id(self) -> str:
            raise ValueError("no name today")

    tasks = [Nameless(folder=str(tmp_path), n=1), Short(folder=str(tmp_path), n=2)]
    assert run(tasks, Options(workers=1, state=tmp_path / "state", leases="local"), Silent())
    assert (tmp_path / "write-1").exists() and (tmp_path / "write-2").exists()

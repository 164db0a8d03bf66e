"""What the tests of streaming share: tasks that say that they ran, and runs that do not plan first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from martlet.parameters import IntParameter, Parameter, TupleParameter
from martlet.running.reporter import Silent, Snapshot
from martlet.running.result import FamilyCount, RunResult
from martlet.targets.local import LocalTarget
from martlet.task import Task
from running import runs
from running.waiting import until


class Watch(Silent):
    """Remembers what a run told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.snapshots: list[Snapshot] = []

    def planned(self, families: Sequence[FamilyCount], to_run: int) -> None:
        self.told.append(f"planned {to_run}")

    def progress(self, snapshot: Snapshot) -> None:
        self.snapshots.append(snapshot)

    def note(self, text: str) -> None:
        self.told.append(text)

    def started_here(self, task: object) -> bool:
        self.told.append("started")
        return False


class Made(Task):
    """Writes a file and a line in the log of what ran."""

    folder = Parameter()

    @property
    def name(self) -> str:
        return self.task_id

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/{self.name}")

    def run(self) -> None:
        with open(f"{self.folder}/ran", "a") as log:
            log.write(f"{self.name}\n")
        with self.output().open("w") as file:
            file.write(self.name)


class Node(Made):
    """A task of a graph that is given by its edges."""

    n = IntParameter()
    edges = TupleParameter(significant=False)

    @property
    def name(self) -> str:
        return f"node-{self.n}"

    def requires(self) -> Any:
        return [Node(self.folder, needed, self.edges) for needed in self.edges[self.n]]

    def run(self) -> None:
        for needed in self.input():
            assert needed.exists()
        super().run()


class Early(Made):
    @property
    def name(self) -> str:
        return "early"


class Root(Made):
    """Needs an early task, planned first, and something whose planning ends when the early task has run."""

    waits = IntParameter()

    @property
    def name(self) -> str:
        return "root"

    def requires(self) -> Any:
        return [Late(self.folder, n, self.waits) for n in range(self.waits)] + [Early(self.folder)]


class Late(Made):
    n = IntParameter()
    waits = IntParameter()

    @property
    def name(self) -> str:
        return f"late-{self.n}"

    def requires(self) -> Any:
        # the last but one that is planned, so that the early task was handed over in a slice before
        if self.n == 0:
            until(Path(f"{self.folder}/early").exists, "nothing ran while this was planned")
        return []


def edges(length: int) -> tuple[tuple[int, ...], ...]:
    return tuple((n + 1,) if n + 1 < length else () for n in range(length))


def chain(tmp_path: Path, length: int) -> Node:
    return Node(str(tmp_path), 0, edges(length))


def go(
    tasks: Task | Sequence[Task], folder: Path, workers: int = 1, planning: str = "stream", **options: Any
) -> RunResult:
    """Runs tasks that start as soon as they are planned."""
    return runs.go(tasks, folder, workers, planning=planning, **options)

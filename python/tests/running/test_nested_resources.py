"""A run within a task of another: together they use no more than there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import martlet
from martlet.running.build import run
from martlet.running.options import Options
from martlet.running.reporter import Silent
from martlet.running.result import RunResult
from martlet.task import Task


class Inner(Task):
    folder = martlet.Parameter()
    memory = martlet.IntParameter()

    @property
    def resources(self) -> Any:
        return {"memory_gb": self.memory}

    def output(self) -> Any:
        return martlet.LocalTarget(f"{self.folder}/inner-{self.memory}")

    def run(self) -> None:
        with self.output().open("w") as file:
            file.write("made")


class Outer(Task):
    """Writes what the run within it said."""

    folder = martlet.Parameter()
    memory = martlet.IntParameter()
    inner = martlet.IntParameter()
    own_limit = martlet.IntParameter(default=0)

    @property
    def resources(self) -> Any:
        return {"memory_gb": self.memory}

    def output(self) -> Any:
        return martlet.LocalTarget(f"{self.folder}/outer-{self.memory}-{self.inner}")

    def run(self) -> None:
        limits = {"memory_gb": float(self.own_limit)} if self.own_limit else {}
        inner = Inner(folder=self.folder, memory=self.inner)
        result = run([inner], Options(workers=1, state=Path(self.folder) / "inside", resources=limits), Silent())
        with self.output().open("w") as file:
            file.write("\n".join(["made" if result else "refused", *(ending.cause for ending in result.endings)]))


def go(task: Task, tmp_path: Path, workers: int) -> RunResult:
    options = Options(workers=workers, state=tmp_path / "state", resources={"memory_gb": 8.0})
    return run([task], options, Silent())


@pytest.mark.parametrize(
    ("workers", "outer", "inner", "own_limit", "expected"),
    [
        (1, 2, 6, 0, "made"),  # nothing else runs: what the task leaves
        (1, 2, 7, 0, "refused"),
        (1, 2, 7, 100, "refused"),
        (1, 2, 4, 3, "refused"),
        (2, 4, 4, 0, "made"),  # others may run: what the task holds
        (2, 4, 5, 0, "refused"),
        (2, 0, 1, 0, "refused"),
    ],
)
def test_a_run_within_a_task_has_what_is_left(
    tmp_path: Path, workers: int, outer: int, inner: int, own_limit: int, expected: str
) -> None:
    task = Outer(folder=str(tmp_path), memory=outer, inner=inner, own_limit=own_limit)
    assert go(task, tmp_path, workers)
    told = task.output().open().read()
    assert told.split("\n")[0] == expected, told
    if expected == "refused":
        assert f"it needs {inner} memory_gb, and there " in told


def test_cores_of_a_worker_are_those_of_its_task(tmp_path: Path) -> None:
    task = Outer(folder=str(tmp_path), memory=1, inner=1)
    options = Options(workers=2, state=tmp_path / "state", resources={"memory_gb": 8.0, "cores": 2.0})
    assert run([task], options, Silent())
    assert task.output().open().read() == "made"

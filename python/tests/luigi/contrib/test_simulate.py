from __future__ import annotations

import os
from pathlib import Path

import pytest

import martlet
import martlet.luigi as luigi
from martlet.luigi.contrib.simulate import RunAnywayTarget


class Here(RunAnywayTarget):
    pass


class Anyway(luigi.Task):
    folder = luigi.Parameter()
    n = luigi.IntParameter(default=0)

    def requires(self) -> list[Anyway]:
        return [Anyway(folder=self.folder, n=n) for n in (1, 2, 3)] if self.n == 0 else []

    def output(self) -> Here:
        return Here(self)

    def run(self) -> None:
        with open(f"{self.folder}/ran", "a") as file:
            file.write(f"{self.n}")
        self.output().done()


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Here, "temp_dir", str(tmp_path / "simulate"))
    with Here.unique.get_lock():
        Here.unique.value = 0


@pytest.mark.parametrize("workers", [1, 2])
def test_each_task_runs_once_a_program(workers: int, tmp_path: Path) -> None:
    task = Anyway(folder=str(tmp_path))
    for _ in range(2):
        assert martlet.build([task], workers=workers, state=tmp_path / "state", quiet=True)
    assert sorted((tmp_path / "ran").read_text()) == ["0", "1", "2", "3"]
    assert task.output().exists()
    Here.unique.value = 0  # as another program has it
    assert not task.output().exists()


def test_what_other_programs_left_is_removed_after_a_day(tmp_path: Path) -> None:
    for name, age in (("old", 2 * 24 * 3600), ("new", 3600)):
        folder = tmp_path / "simulate" / name
        folder.mkdir(parents=True)
        then = folder.stat().st_mtime - age
        os.utime(folder, (then, then))
    Here(Anyway(folder=str(tmp_path)))
    assert [entry.name for entry in (tmp_path / "simulate").iterdir()] == ["new"]

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

import martlet
from martlet.testing import MissingInputError, MissingOutputError, run_task


class Number(martlet.Task):
    folder = martlet.Parameter()
    n = martlet.IntParameter()

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(f"{self.folder}/{self.n}")

    def run(self) -> None:
        with self.output().open("w") as file:
            file.write(str(self.n))


class Sum(martlet.Task):
    folder = martlet.Parameter()

    def requires(self) -> Any:
        return [Number(self.folder, 1), Number(self.folder, 2)]

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(f"{self.folder}/sum")

    def run(self) -> Generator[Any, Any, None]:
        later = yield Number(self.folder, 3)
        total = 0
        for target in [*self.input(), later]:
            with target.open() as file:
                total += int(file.read())
        with self.output().open("w") as file:
            file.write(str(total))


def test_runs_with_dependencies_and_dynamic_ones(tmp_path: Path) -> None:
    target = run_task(Sum(str(tmp_path)), dependencies=True)
    with target.open() as file:
        assert file.read() == "6"


def test_inputs_have_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"requires Number\(.*n=1\), which is not complete"):
        run_task(Sum(str(tmp_path)))


def test_outputs_have_to_be_made(tmp_path: Path) -> None:
    class Lazy(Number):
        def run(self) -> None:
            pass

    with pytest.raises(MissingOutputError, match="did not make"):
        run_task(Lazy(str(tmp_path), 1))


def test_external_tasks_cannot_be_run() -> None:
    class Given(martlet.ExternalTask):
        pass

    with pytest.raises(MissingInputError, match="external"):
        run_task(Given())

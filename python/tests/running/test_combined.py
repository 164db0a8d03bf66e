"""Tasks that run as one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import martlet
from martlet.events import Event
from martlet.running.combined import combined
from martlet.running.result import ExitCode
from running.analysis import Number, Part, Parts
from running.runs import go, ran, reports


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path)


def test_combines_what_has_a_batch_method_and_keeps_the_rest(folder: str) -> None:
    task = combined([Part(folder, n, "good") for n in (2, 0, 1)])
    assert task is Part(folder, (2, 0, 1), "good")


@pytest.mark.parametrize("workers", [1, 2])
class TestBatches:
    def test_one_instance_runs_for_all(self, tmp_path: Path, folder: str, workers: int) -> None:
        result = go(Parts(folder, 4), tmp_path, workers)
        assert result and result.count("done") == 5
        assert ran(tmp_path) == ["part-3+2+1+0"]
        (report,) = [line for line in reports(tmp_path) if line["family"] == "Part"]
        assert report["params"]["n"] == "(3, 2, 1, 0)"
        assert report["batch"][0] == ["n"]
        assert report["batch"][1:] == [[Part(folder, n).task_id, str(n)] for n in (3, 2, 1, 0)]
        assert [path for path, *_ in report["outputs"]] == [f"{folder}/part-{n}" for n in (3, 2, 1, 0)]

    def test_one_alone_runs_as_itself(self, tmp_path: Path, folder: str, workers: int) -> None:
        assert go(Parts(folder, 1), tmp_path, workers)
        (report,) = [line for line in reports(tmp_path) if line["family"] == "Part"]
        assert report["task"] == Part(folder, 0).task_id and "batch" not in report

    def test_what_is_there_is_left_out(self, tmp_path: Path, folder: str, workers: int) -> None:
        (tmp_path / "part-1").touch()
        assert go(Parts(folder, 4), tmp_path, workers)
        assert ran(tmp_path) == ["part-3+2+0"]

    def test_all_fail_together(self, tmp_path: Path, folder: str, workers: int) -> None:
        result = go(Parts(folder, 3, "raises"), tmp_path, workers)
        assert result.exit_code == ExitCode.FAILED
        assert [ending.state for ending in result.endings] == ["failed"] * 3 + ["blocked"]
        assert {ending.cause for ending in result.endings[:3]} == {"ValueError: parts (2, 1, 0)"}
        assert ran(tmp_path) == ["part-2+1+0"]

    def test_a_member_whose_output_was_not_made_is_named(self, tmp_path: Path, folder: str, workers: int) -> None:
        result = go(Parts(folder, 3, "first only"), tmp_path, workers)
        assert result.exit_code == ExitCode.FAILED
        assert result.endings[0].cause == f"run() returned without having made {folder}/part-1"

    def test_one_that_asks_goes_on_for_all(self, tmp_path: Path, folder: str, workers: int) -> None:
        result = go(Parts(folder, 3, "asks"), tmp_path, workers)
        assert result, result.endings
        assert ran(tmp_path) == ["part-2+1+0", "number-100"]
        assert len([line for line in reports(tmp_path) if "batch" in line]) == 1

    def test_events_tell_of_the_one_that_runs(self, tmp_path: Path, folder: str, workers: int) -> None:
        @Part.event_handler(Event.SUCCESS)
        def succeeded(task: Part) -> None:
            with open(f"{task.folder}/ran", "a") as log:
                log.write(f"succeeded-{len(task.numbers)}\n")

        assert go(Parts(folder, 3), tmp_path, workers)
        assert ran(tmp_path) == ["part-2+1+0", "succeeded-3"]

    def test_a_batch_method_that_raises_is_their_failure(self, tmp_path: Path, folder: str, workers: int) -> None:
        def refuse(values: Any) -> Any:
            raise KeyError("too many")

        class Refusing(Number):
            n = martlet.IntParameter(batch_method=refuse)

        result = go([Refusing(folder, n) for n in range(3)] + [Number(folder, 9)], tmp_path, workers)
        assert [ending.state for ending in result.endings] == ["failed"] * 3
        assert "3 tasks could not be combined into one: KeyError" in result.endings[0].cause
        assert ran(tmp_path) == ["number-9"]
        report = next(line for line in reports(tmp_path) if "batch" in line)
        assert len(report["batch"]) == 4


@pytest.mark.parametrize("how", ["sandbox", "batch"])
@pytest.mark.parametrize("kind", ["good", "asks", "raises"])
def test_as_one_program(tmp_path: Path, folder: str, how: str, kind: str) -> None:
    result = go(Parts(folder, 3, kind, how == "sandbox"), tmp_path, batch="local" if how == "batch" else None)
    assert bool(result) == (kind != "raises"), result.endings
    assert ran(tmp_path)[0] == "part-2+1+0"
    report = [line for line in reports(tmp_path) if "batch" in line][-1]
    assert len(report["batch"]) == 4 and report["state"] == ("failed" if kind == "raises" else "done")


def test_a_process_that_dies_is_the_failure_of_all_and_they_are_tried_again(tmp_path: Path, folder: str) -> None:
    result = go(Parts(folder, 3, "dies"), tmp_path, 2)
    assert [ending.state for ending in result.endings] == ["failed"] * 3 + ["blocked"]
    assert ran(tmp_path) == ["part-2+1+0"] * 2
    tries = [(line.get("try", 1), len(line["batch"])) for line in reports(tmp_path) if "batch" in line]
    assert tries == [(1, 4), (2, 4)]


def test_no_more_than_max_batch_size_by_priority(tmp_path: Path, folder: str) -> None:
    class Few(Part):
        max_batch_size = 2

        @property
        def priority(self) -> Any:
            return self.n if isinstance(self.n, int) else 0

    assert go([Few(folder, n) for n in range(5)], tmp_path)
    assert ran(tmp_path) == ["part-4+3", "part-2+1", "part-0"]


def test_only_what_differs_in_nothing_else(tmp_path: Path, folder: str) -> None:
    class Own(Part):
        @property
        def resources(self) -> Any:
            return {"odd": 1} if self.numbers[0] % 2 else {}

        @property
        def batchable(self) -> Any:
            return self.n != 4

    (tmp_path / "b").mkdir()
    tasks = [Own(folder, n) for n in range(5)] + [Own(f"{folder}/b", n) for n in range(3)]
    assert go(tasks, tmp_path)
    assert ran(tmp_path) == ["part-0+2", "part-1+3", "part-4"]
    assert ran(tmp_path / "b") == ["part-0+2", "part-1"]


def test_many_groups_start_in_order(tmp_path: Path, folder: str) -> None:
    class Two(martlet.Task):
        a = martlet.IntParameter()
        b = martlet.IntParameter(batch_method=max)

        def run(self) -> None:
            with open(f"{folder}/ran", "a") as log:
                log.write(f"{self.a}-{self.b}\n")

    assert go([Two(a, b) for a in range(50) for b in range(3)], tmp_path)
    assert ran(tmp_path) == [f"{a}-2" for a in range(50)]

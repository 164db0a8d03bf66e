"""Tasks that take longer than they may."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

import martlet
import martlet.luigi as luigi
from martlet.running.result import ExitCode
from martlet.task import Task
from running.analysis import Limited, LimitedInSandbox, LimitedOnce, Number
from running.processes import wait_until_gone
from running.runs import go, reports


@pytest.mark.parametrize("workers", [1, 3])
def test_ends_what_takes_too_long_with_all_its_processes(tmp_path: Path, workers: int) -> None:
    heard: list[tuple[Task, str]] = []
    Limited.event_handler(martlet.Event.TIMEOUT)(lambda task, message: heard.append((task, message)))
    Limited.event_handler(martlet.Event.PROCESS_FAILURE)(lambda task, message: heard.append((task, message)))
    slow, quick = Limited(str(tmp_path), 60.0), Number(str(tmp_path), 1)
    result = go([slow, quick], tmp_path, workers)
    assert result.exit_code == ExitCode.FAILED and result.count("done") == 1
    assert [ending.cause for ending in result.endings] == ["took longer than its time limit of 0.3 s"]
    assert heard == [(slow, f"Task {slow.task_id} timed out after 0.3 seconds and was terminated.")]
    wait_until_gone(int((tmp_path / "child").read_text()))
    assert not slow.complete()
    failed = next(report for report in reports(tmp_path) if report["state"] == "failed")
    assert failed["wall"] >= 0.3 and "time limit" in failed["cause"]


@pytest.mark.parametrize("workers", [1, 3])
def test_what_is_quick_enough_ends_well(tmp_path: Path, workers: int) -> None:
    assert go([Limited(str(tmp_path), 0.0, 60.0), Limited(str(tmp_path), 0.01, 60.0)], tmp_path, workers)
    pids = (tmp_path / "pids").read_text().split()
    assert str(os.getpid()) not in pids, "what runs in the driver cannot be ended"


def test_other_tasks_stay_in_the_driver(tmp_path: Path) -> None:
    class Here(Number):
        def run(self) -> None:
            super().run()
            (tmp_path / "here").write_text(str(os.getpid()))

    assert go([Limited(str(tmp_path), 0.01, 60.0), Here(str(tmp_path), 1)], tmp_path, 1)
    assert (tmp_path / "here").read_text() == str(os.getpid())


def test_is_tried_again_where_its_policy_says_so(tmp_path: Path) -> None:
    assert go([LimitedOnce(str(tmp_path), 1.0)], tmp_path, 1)
    assert [report["state"] for report in reports(tmp_path)] == ["failed", "done"]


def test_a_batch_job_looks_after_its_own_limit(tmp_path: Path) -> None:
    result = go([Limited(str(tmp_path), 60.0, 1.5)], tmp_path, 1, batch="local")
    assert [ending.cause for ending in result.endings] == ["took longer than its time limit of 1.5 s"]
    wait_until_gone(int((tmp_path / "child").read_text()))


def test_a_sandboxed_task_is_ended_too(tmp_path: Path) -> None:
    result = go([LimitedInSandbox(str(tmp_path), 60.0)], tmp_path, 1)
    assert [ending.cause for ending in result.endings] == ["took longer than its time limit of 0.3 s"]


class Slow(luigi.Task):
    folder = luigi.Parameter()
    worker_timeout = None

    def output(self) -> Any:
        return luigi.LocalTarget(f"{self.folder}/slow")

    def run(self) -> None:
        time.sleep(60)


def test_luigis_names_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task = Slow(str(tmp_path))
    monkeypatch.setattr(Slow, "worker_timeout", 1)
    result = go([task], tmp_path, 1)
    assert [ending.cause for ending in result.endings] == ["took longer than its time limit of 1 s"]


def test_luigis_configuration_of_it(tmp_path: Path) -> None:
    config = luigi.configuration.get_config()
    luigi.configuration.core.read_parameters()
    config.set("worker", "timeout", "1")
    try:
        result = go([Slow(str(tmp_path))], tmp_path, 1)
    finally:
        config.remove_section("worker")
    assert [ending.cause for ending in result.endings] == ["took longer than its time limit of 1 s"]


def test_nonsense_breaks_the_plan_of_that_task(tmp_path: Path) -> None:
    class Odd(Number):
        time_limit = "two hours"

    result = go([Odd(str(tmp_path), 1)], tmp_path, 1)
    assert result.exit_code == ExitCode.BROKEN
    assert "'two hours' is no time limit" in result.endings[0].cause

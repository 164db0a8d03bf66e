"""Very many faults, and faults of the graph: none of them is the end of the run, and all are told in few words."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from martlet.running.build import plan
from martlet.running.options import Options
from martlet.running.reporter import Silent
from martlet.running.result import ExitCode
from martlet.steering import summary
from running.analysis import Failing, Link, Moody, Poison, Total
from running.runs import go


def test_a_family_that_kills_every_process_is_given_up(tmp_path: Path) -> None:
    folder = str(tmp_path)
    result = go([*(Poison(folder, n) for n in range(100)), Total(folder, 3)], tmp_path, 2)
    assert result.exit_code == ExitCode.FAILED
    assert (tmp_path / "total-3").exists()
    # ten in a row, and what the other worker had begun
    assert 10 <= (tmp_path / "ran").read_text().split().count("poison") <= 12
    withheld = [ending for ending in result.endings if ending.state == "withheld"]
    # who was begun once, and was to be tried again, tells how that ended
    told = [ending for ending in withheld if "every process that ran a task of its family was lost" in ending.cause]
    assert len(withheld) > 90 and len(told) >= 100 - 12
    assert all("SIGKILL" in ending.cause for ending in withheld if ending not in told)
    text = summary.text(result, io.StringIO())
    assert len(text.splitlines()) < 40


def test_thousands_of_failures_are_told_in_few_words(tmp_path: Path) -> None:
    result = go([Failing(n) for n in range(3000)], tmp_path, 1)
    assert result.count("failed") == 3000
    assert sum(bool(ending.details) for ending in result.endings) == 5
    text = summary.text(result, io.StringIO())
    assert "number 0 is not good" in text and "… and 2995 more" in text
    assert len(text.splitlines()) < 30
    assert len(summary.clusters(result.endings)) == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_requirements_that_change_are_named(tmp_path: Path, workers: int) -> None:
    result = go([Moody(str(tmp_path))], tmp_path, workers)
    (ending,) = result.endings
    assert result.exit_code == ExitCode.FAILED and "FileNotFoundError" in ending.cause
    assert "hint: requires() answers otherwise than when the run was planned: Number(" in ending.details


def test_a_chain_of_a_hundred_thousand(tmp_path: Path) -> None:
    folder = str(tmp_path)
    planned = plan([Link(folder, 100_000)], Options(), Silent())
    assert len(planned.tasks) == 100_001
    assert {task.state for task in planned.tasks} == {"waiting"}
    (tmp_path / "link-99998").touch()
    planned = plan([Link(folder, 100_000)], Options(), Silent())
    assert [task.state for task in planned.tasks] == ["waiting", "waiting", "present"]

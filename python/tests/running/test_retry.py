"""Failures that are worth another try, by their cause."""

from __future__ import annotations

from pathlib import Path

import pytest

import martlet
from martlet.running.result import ExitCode, RunResult
from running import runs
from running.analysis import Flaky
from running.runs import reports


def go(task: Flaky, tmp_path: Path, workers: int = 2) -> RunResult:
    return runs.go(task, tmp_path, workers, resources={"memory_gb": 8})


def tries(tmp_path: Path) -> list[tuple[str, int]]:
    """State and number of each try, from the reports."""
    return [(report["state"], report.get("try", 1)) for report in reports(tmp_path)]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(("kind", "failures"), [("error", 2), ("storage", 1), ("memory", 1)])
def test_ends_well_within_its_tries(tmp_path: Path, kind: str, failures: int, workers: int) -> None:
    result = go(Flaky(str(tmp_path), failures, kind), tmp_path, workers)
    assert result.exit_code == ExitCode.OK and result.endings == ()
    expected = [("failed", n + 1) for n in range(failures)] + [("done", failures + 1)]
    assert tries(tmp_path) == expected


def test_a_lost_process_is_tried_again_in_another(tmp_path: Path) -> None:
    assert go(Flaky(str(tmp_path), 1, "lost"), tmp_path)
    assert tries(tmp_path) == [("failed", 1), ("done", 2)]


@pytest.mark.parametrize(("kind", "most"), [("error", 3), ("storage", 2), ("memory", 2), ("lost", 2)])
def test_gives_up_after_them(tmp_path: Path, kind: str, most: int) -> None:
    result = go(Flaky(str(tmp_path), 99, kind), tmp_path)
    assert result.exit_code == ExitCode.FAILED
    assert len(result.endings) == 1 and len(tries(tmp_path)) == most


def test_nonsense_is_refused() -> None:
    for wrong in ({"error": -1}, {"delay": -1.0}, {"back_off": 0.5}, {"memory_factor": 0.0}):
        with pytest.raises(ValueError, match="Retry"):
            martlet.Retry(**wrong)  # type: ignore[arg-type]

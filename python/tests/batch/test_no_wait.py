"""`--no-wait`: runs that submit, collect and leave, until nothing is left to do; nothing runs twice."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from batch.driver import Area
from batch.servers.slurm import Slurm
from batch.waiting import wait_for

pytestmark = pytest.mark.e2e

LEFT = 6
SCRIPT = Path(__file__).with_name("stages.py")
CHAIN = Path(__file__).with_name("chain.py")


def words(area: Area, batch: str, *more: str) -> list[str]:
    folder = str(area.folder)
    return ["Report", "--count", "4", "--folder", folder, "--batch", batch, "--no-bundle", "--workers", "4", *more]


def again_and_again(area: Area, *given: str, most: int = 60, script: Path = SCRIPT) -> list[tuple[int, str]]:
    """Exit codes and what was said, until all is complete."""
    runs: list[tuple[int, str]] = []
    while not runs or (runs[-1][0] == LEFT and len(runs) < most):
        if runs:
            time.sleep(1)  # as whoever comes back after a while
        runs.append(area.run(*given, "--no-wait", script=script))
    return runs


def ran(area: Area) -> list[str]:
    return sorted((area.folder / "ran").read_text().split())


ONCE = ["Merge", "Report", *["Selection"] * 4]


def test_three_stages_are_made_by_runs_that_never_wait(tmp_path: Path) -> None:
    area = Area(tmp_path, {})
    runs = again_and_again(area, *words(area, "local"))
    assert [code for code, _ in runs] == [LEFT] * (len(runs) - 1) + [0], runs
    assert len(runs) > 3 and ran(area) == ONCE
    assert "4 jobs are left in local: martlet-" in runs[0][1] and "martlet jobs cancel martlet-" in runs[0][1]
    assert sum(area.submissions()) == 6


def test_three_stages_on_slurm(tmp_path: Path, system: Slurm) -> None:
    area = Area(tmp_path, system.environment)
    runs = again_and_again(area, *words(area, "slurm", "--poll-interval", "1"))
    assert runs[-1][0] == 0 and len(runs) > 3, runs
    assert ran(area) == ONCE and area.submissions() == [4, 1, 1]


def test_a_run_that_waits_goes_on_with_what_was_left(tmp_path: Path) -> None:
    area = Area(tmp_path, {})
    code, said = area.run(*words(area, "local", "--Selection-pause", "3"), "--no-wait", script=SCRIPT)
    assert code == LEFT, said
    code, said = area.run(*words(area, "local", "--Selection-pause", "3"), script=SCRIPT)
    assert code == 0, said
    assert "goes on with jobs that an earlier run submitted for 4 tasks (local)" in said
    assert ran(area) == ONCE


def test_no_more_is_submitted_than_may_be(tmp_path: Path) -> None:
    area = Area(tmp_path, {})
    code, said = area.run(*words(area, "local", "--parallel-jobs", "3"), "--no-wait", script=SCRIPT)
    assert code == LEFT and area.submissions() == [3], said
    assert "3 jobs are left in local" in said and "1 task ready and not submitted" in said
    runs = again_and_again(area, *words(area, "local", "--parallel-jobs", "3"))
    assert runs[-1][0] == 0 and ran(area) == ONCE


def test_a_failure_is_told_though_jobs_are_left(tmp_path: Path) -> None:
    area = Area(tmp_path, {})
    given = words(area, "local", "--bad", "2", "--Selection-pause", "2")
    assert area.run(*given, "--no-wait", script=SCRIPT)[0] == LEFT
    wait_for(lambda: "running" not in area.states())
    code, said = area.run(*given, "--no-wait", script=SCRIPT)
    assert code == 1 and "no luck" in said, said


def test_nothing_to_do_is_no_reason_to_come_back(tmp_path: Path) -> None:
    area = Area(tmp_path, {})
    assert area.run(*words(area, "local"), script=SCRIPT)[0] == 0
    code, said = area.run(*words(area, "local"), "--no-wait", script=SCRIPT)
    assert code == 0 and "Nothing to do" in said


def test_without_a_batch_system_there_is_nothing_to_leave(tmp_path: Path) -> None:
    area = Area(tmp_path, {})
    code, said = area.run("Report", "--count", "4", "--folder", str(tmp_path), "--no-wait", script=SCRIPT)
    assert code == 2 and "--batch NAME" in said


# ---- what one run leaves to the next beside its jobs


def chain(area: Area, task: str, batch: str, *more: str) -> list[str]:
    return [task, "--folder", str(area.folder), "--batch", batch, "--no-bundle", "--workers", "4", *more]


def test_tries_are_counted_from_run_to_run(tmp_path: Path) -> None:
    area = Area(tmp_path, {})
    for jobs in (3, 6):  # who asks for it again after it has failed has all of its tries
        runs = again_and_again(area, *chain(area, "Lost", "local"), script=CHAIN, most=12)
        assert [code for code, _ in runs] == [LEFT] * 3 + [1], runs
        assert ran(area) == ["Lost"] * jobs


def test_tries_are_counted_from_run_to_run_on_slurm(tmp_path: Path, system: Slurm) -> None:
    area = Area(tmp_path, system.environment)
    runs = again_and_again(area, *chain(area, "Lost", "slurm", "--poll-interval", "1"), script=CHAIN, most=20)
    assert runs[-1][0] == 1 and ran(area) == ["Lost"] * 3, runs


def test_a_run_that_is_killed_passes_on_what_was_used_up(tmp_path: Path) -> None:
    area = Area(tmp_path, {})
    given = chain(area, "Lost", "local")
    for _ in range(3):  # each collects a job, closes it in the ledger, and is killed before it submits the next
        area.run(*given, script=CHAIN, MARTLET_FAIL="driver.before-report:1=kill")
    code, said = area.run(*given, script=CHAIN)
    assert code == 1 and "no try is left" in said, said
    assert ran(area) == ["Lost"] * 3


def test_tasks_that_run_as_one_are_found_by_the_next_run(tmp_path: Path) -> None:
    area = Area(tmp_path, {})
    code, said = area.run(*chain(area, "Uploads", "local", "--count", "4"), "--no-wait", script=CHAIN)
    assert code == LEFT and "1 job is left in local" in said and "4 left in the batch system" in said, said
    # two more that could run with them, and do with each other
    code, said = area.run(*chain(area, "Uploads", "local", "--count", "6"), script=CHAIN)
    assert code == 0 and "goes on with jobs that an earlier run submitted for 4 tasks (local)" in said, said
    assert ran(area) == ["3+2+1+0", "5+4"] and area.submissions() == [1, 1]


def test_tasks_that_resources_hold_back_are_left_for_a_later_run(tmp_path: Path) -> None:
    area = Area(tmp_path, {})
    code, said = area.run(*chain(area, "All", "local"), "--no-wait", script=CHAIN)
    assert code == LEFT and area.submissions() == [1], said
    assert "1 task ready and not submitted: jobs that are in the system hold database" in said
    runs = again_and_again(area, *chain(area, "All", "local"), script=CHAIN)
    assert runs[-1][0] == 0 and ran(area) == ["0", "1"]

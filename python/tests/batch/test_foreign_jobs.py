"""Jobs that were left in one batch system, and runs that use none, or another: nothing is done twice."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from batch.driver import Area
from batch.slurm_jobs import in_front
from batch.waiting import wait_for

pytestmark = pytest.mark.e2e

SCRIPT = Path(__file__).with_name("stages.py")
LEFT, BROKEN = 6, 4
ONCE = ["Merge", "Report", *["Selection"] * 4]


def words(area: Area, *more: str, pause: float = 30, task: str = "Report") -> list[str]:
    return [task, "--count", "4", "--folder", str(area.folder), "--Selection-pause", str(pause), *more]


def leave(area: Area, system: str = "local", *more: str, pause: float = 30, **variables: str) -> None:
    given = words(area, "--batch", system, "--no-bundle", "--workers", "4", "--no-wait", *more, pause=pause)
    code, said = area.run(*given, script=SCRIPT, **variables)
    assert code == LEFT, said


def run(area: Area, *more: str, pause: float = 0, **variables: str) -> tuple[int, str]:
    return area.run(*words(area, "--workers", "2", *more, pause=pause), script=SCRIPT, timeout=120, **variables)


def ran(area: Area) -> list[str]:
    log = area.folder / "ran"
    return sorted(log.read_text().split()) if log.exists() else []


def test_what_jobs_do_is_not_done_here_until_they_are_cancelled(tmp_path: Path) -> None:
    area = Area(tmp_path, {})
    leave(area)
    tag = json.loads(area.jobs("list", "--json"))[0]["tag"]
    code, said = run(area)
    assert code == BROKEN and ran(area) == [], said
    assert "not run: Selection(" in said and said.count("would be done twice") == 1, said
    assert f"it has a job in local, {tag}." in said and "(running)" in said
    assert f"`--batch local` goes on with it, `martlet jobs cancel {tag}` ends all jobs of its submission" in said
    assert "correct what could not be planned" not in said and "martlet jobs list" in said

    code, said = run(area, "-n")
    assert code == BROKEN and "would not run: Selection(" in said and " and 3 more: it has a job in local" in said, said
    code, said = run(area, "--explain", "Selection")
    assert said.count("cannot run, broken: it has a job in local") == 4, said

    area.jobs("cancel", "--all")
    code, said = run(area)
    assert code == 0 and ran(area) == ONCE, said


def test_slices_of_a_plan_that_grows_are_looked_at(tmp_path: Path) -> None:
    area = Area(tmp_path, {})
    leave(area)
    code, said = run(area, "--planning", "stream")
    assert code == BROKEN and "would be done twice" in said and ran(area) == [], said
    area.jobs("cancel", "--all")
    code, said = run(area, "--planning", "stream")
    assert code == 0 and ran(area) == ONCE, said


def test_jobs_that_have_ended_are_in_nobodys_way(tmp_path: Path) -> None:
    area = Area(tmp_path, {})
    leave(area, "local", "--bad", "2", pause=0)
    wait_for(lambda: sorted(area.states()) == ["finished"] * 4)
    assert ran(area) == ["Selection"] * 3
    code, said = run(area)
    assert code == 0 and ran(area) == ONCE, said


def test_of_a_system_that_cannot_be_asked_jobs_are_taken_to_live(tmp_path: Path) -> None:
    area = Area(tmp_path, {})
    path = in_front(area, "squeue", "echo 'slurm_load_jobs error: Unable to contact slurm controller' >&2; exit 1")
    (tmp_path / "bin" / "sbatch").write_text("#!/bin/sh\ncat > /dev/null\necho 77\n")
    (tmp_path / "bin" / "sbatch").chmod(0o755)
    leave(area, "slurm", **path)
    for more in ([], ["--batch", "local", "--no-bundle"]):
        code, said = run(area, *more, **path)
        assert code == BROKEN and ran(area) == [], said
        assert "it has a job in slurm, martlet-" in said and "slurm cannot be asked at the moment" in said, said
        assert "Unable to contact slurm controller" in said


def test_a_run_that_waits_for_another_does_not_take_over_the_jobs_that_it_leaves(tmp_path: Path) -> None:
    area = Area(tmp_path, {})
    first = area.start(*words(area, "--batch", "local", "--no-bundle", "--workers", "4", pause=60), script=SCRIPT)
    wait_for(lambda: (area.state / "ledger").is_dir() and area.states() == ["running"] * 4)
    second = area.start(*words(area, "--workers", "2", pause=0), script=SCRIPT)
    try:
        time.sleep(5)  # it would have ended by then, had it not to wait for the other run
        assert second.poll() is None
        os.kill(first.pid, signal.SIGTERM)
        assert "left in local" in first.communicate(timeout=60)[0] and first.returncode == 130
        said, _ = second.communicate(timeout=60)
        assert second.returncode == BROKEN and "it has a job in local" in said and ran(area) == [], said
    finally:
        first.kill()
        second.kill()
        area.jobs("cancel", "--all")
    code, said = run(area)
    assert code == 0 and ran(area) == ONCE, said

"""Why jobs wait in a real Slurm: told, and ended where it is for ever."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest

from batch.driver import Area
from batch.servers.slurm import Slurm
from batch.slurm_jobs import live, words
from batch.waiting import wait_for

pytestmark = pytest.mark.e2e


@pytest.fixture
def closed(system: Slurm) -> Iterator[str]:
    """A partition that takes jobs and starts none."""
    system.run("scontrol", "update", "partitionname=urgent", "state=down")
    yield "urgent"
    system.run("scontrol", "update", "partitionname=urgent", "state=up")


def test_a_job_that_can_never_start_fails_with_the_reason(area: Area, system: Slurm) -> None:
    given = words(area, 2, "--job", "cores=64", "--poll-interval", "1")
    code, said = area.run(*given, "--retries", "0")
    assert code == 1 and "held: PartitionConfig" in said, said
    assert not live(system) and len(area.outputs()) == 0
    code, said = area.run(*given, "--job", "cores=1")
    assert code == 0 and len(area.outputs()) == 2, said


def test_why_jobs_wait_is_told(area: Area, system: Slurm, closed: str) -> None:
    given = words(area, 3, "--poll-interval", "1")
    assert area.run(*given, "--job", f"queue={closed}", "--no-wait")[0] == 6
    wait_for(lambda: "PartitionDown" in area.jobs("list"))
    assert area.jobs("list").count("pending: PartitionDown") == 3
    told = json.loads(area.jobs("list", "--json"))
    assert [job["reason"] for job in told] == ["PartitionDown"] * 3

    run = area.start(*given, "--job", "queue=short", "--progress", "plain")
    patience = threading.Timer(120, run.kill)
    patience.start()
    try:
        lines = []
        assert run.stdout is not None
        for line in run.stdout:
            lines.append(line)
            if "PartitionDown" in line and "pending" in line:
                break
        area.jobs("cancel", "--all")
        said = "".join(lines) + run.communicate(timeout=120)[0]
    finally:
        patience.cancel()
        run.kill()
    assert run.returncode == 0 and len(area.outputs()) == 3, said
    advice = f"this run for queue=short: `martlet jobs cancel {told[0]['tag']}` has them submitted anew"
    assert f"3 jobs that an earlier run submitted ask for queue={closed}, {advice}" in said
    assert "3 jobs wait: PartitionDown" in said

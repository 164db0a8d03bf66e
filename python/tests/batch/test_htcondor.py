"""Runs on a real HTCondor pool, by `--batch htcondor`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from batch.analyst import Analyst, kill, place, working
from batch.servers import htcondor
from batch.waiting import wait_for

pytestmark = pytest.mark.e2e

BATCH = ("--batch", "htcondor", "--poll-interval", "1")
SCRIPT = """\
import os
import time
from pathlib import Path

import martlet


class Square(martlet.Workflow):
    count = martlet.IntParameter()
    seconds = martlet.FloatParameter(default=0.0)

    def create_branch_map(self):
        return self.count

    def output(self):
        return martlet.LocalTarget(f"squares/{self.branch}")

    def run(self):
        with open(f"ran-{self.branch}", "a") as file:
            file.write("once\\n")
        time.sleep(self.seconds)  # its work
        with self.output().open("w") as file:
            file.write(f"{self.branch ** 2} {os.environ.get('_CONDOR_SLOT', 'nowhere')}")


class Total(martlet.Task):
    count = martlet.IntParameter()

    def requires(self):
        return Square(count=self.count)

    def output(self):
        return martlet.LocalTarget("total")

    def run(self):
        total = sum(int(one.open().read().split()[0]) for one in self.input().targets.values())
        with self.output().open("w") as file:
            file.write(str(total))
"""
HUNGRY = Path(__file__).with_name("hungry.py")


@pytest.fixture(scope="module")
def pool() -> Iterator[htcondor.HTCondorPool]:
    if reason := htcondor.why_not():
        pytest.skip(f"HTCONDOR IS NOT TESTED: {reason}")
    with place() as server, place() as shared:
        shared.chmod(0o777)
        with htcondor.serving(server, [Path("/var/tmp")]) as pool:
            yield pool


@pytest.fixture
def analyst(pool: htcondor.HTCondorPool) -> Iterator[Analyst]:
    with working(pool.environment) as analyst:
        analyst.write("squares.py", SCRIPT)
        yield analyst


def test_it_keeps_the_contract(analyst: Analyst) -> None:
    assert analyst.contract("htcondor", within=300) == ""


def test_branches_run_in_the_pool(analyst: Analyst, pool: htcondor.HTCondorPool) -> None:
    said = analyst.run("squares.py", "Total", "--count", "20", *BATCH)
    assert (analyst.folder / "total").read_text() == str(sum(n * n for n in range(20))), said
    places = {path.read_text().split()[1] for path in (analyst.folder / "squares").iterdir()}
    assert places and all(place.startswith("slot1_") for place in places)
    assert "Square" not in said or "failed" not in said
    assert pool.run("condor_q", "-json").strip() in ("", "[\n]")


def test_a_killed_driver_leaves_jobs_to_the_next_one(analyst: Analyst, pool: htcondor.HTCondorPool) -> None:
    words = ("squares.py", "Square", "--count", "12", "--seconds", "8", *BATCH)
    driver = analyst.start(*words)
    wait_for(lambda: _jobs(pool) == 12, what="jobs were not in the queue")
    kill(driver)
    driver.communicate()
    analyst.run(*words)
    assert [path.read_text() for path in analyst.folder.glob("ran-*")] == ["once\n"] * 12


def test_files_are_sent_where_the_user_wants_them_to(analyst: Analyst) -> None:
    analyst.write("squares.py", SCRIPT.replace("squares/", f"{analyst.folder}/squares/"))
    send = ("--job", "extra=should_transfer_files = YES")
    analyst.run("squares.py", "Square", "--count", "3", *BATCH, *send)
    assert {path.name for path in (analyst.folder / "squares").iterdir()} == {"0", "1", "2"}
    assert not list(analyst.folder.glob("ran-*"))  # it ran in a folder of its own
    assert len(list((analyst.folder / ".martlet").glob("jobs/*/*.result"))) == 3


def test_memory_and_time_that_did_not_suffice_are_doubled(analyst: Analyst, pool: htcondor.HTCondorPool) -> None:
    analyst.write("hungry.py", HUNGRY.read_text())
    own = ("--bytes", "700000000", "--short", "15", "--long", "200")
    analyst.run("hungry.py", "Hungry", *own, *BATCH)
    tried = {path.name: path.read_text().split() for path in analyst.folder.glob("tried-*")}
    assert tried == {"tried-0": ["once"] * 2, "tried-1": ["once"] * 2, "tried-2": ["once"]}
    # such jobs stay in the queue for an hour, for who wants to know
    told = pool.run("condor_q", "-constraint", "JobStatus == 5", "-af", "HoldReasonCode", "HoldReasonSubCode")
    assert sorted(told.splitlines()) == ["21 102", "46 0"]
    pool.run("condor_rm", "-constraint", "JobStatus == 5")


def test_jobs_that_are_thrown_out_held_or_removed_are_done_in_the_end(
    analyst: Analyst, pool: htcondor.HTCondorPool
) -> None:
    words = ("--count", "3", "--seconds", "10", *BATCH)
    driver = analyst.start("squares.py", "Square", *words)
    wait_for(lambda: len(list(analyst.folder.glob("ran-*"))) == 3, what="not all ran")
    cluster = pool.run("condor_q", "-constraint", "JobStatus == 2", "-af", "ClusterId").split()[0]
    for command, process in (("condor_vacate_job", 0), ("condor_hold", 1), ("condor_rm", 2)):
        pool.run(command, f"{cluster}.{process}")
    said, _ = driver.communicate(timeout=240)
    assert driver.returncode == 0, said
    assert [path.read_text() for path in analyst.folder.glob("ran-*")] == ["once\nonce\n"] * 3
    clusters = pool.run("condor_history", "-limit", "5", "-af", "ClusterId", "ProcId", "NumJobStarts").splitlines()
    # what is thrown out HTCondor runs again by itself; of the two others new jobs were made
    assert f"{cluster} 0 2" in clusters and len({line.split()[0] for line in clusters}) > 1


def test_jobs_are_left_and_cancelled(analyst: Analyst, pool: htcondor.HTCondorPool) -> None:
    words = ("squares.py", "Square", "--count", "2", *BATCH, "--seconds")
    driver = analyst.start(*words, "600")
    wait_for(lambda: len(list(analyst.folder.glob("ran-*"))) == 2, what="not all ran")
    assert "2 jobs are left in htcondor" in analyst.interrupt(driver)
    assert analyst.jobs("cancel", "--all") == "2 jobs are cancelled\n"
    wait_for(lambda: _jobs(pool) == 0, what="jobs stayed in the queue")
    analyst.run(*words, "0")
    assert [path.read_text() for path in analyst.folder.glob("ran-*")] == ["once\nonce\n"] * 2


def _jobs(pool: htcondor.HTCondorPool) -> int:
    return len(json.loads(pool.run("condor_q", "-json", "-attributes", "ProcId") or "[]"))

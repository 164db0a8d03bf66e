"""`martlet jobs resubmit`: other jobs for tasks whose jobs hang, are held or have failed; none runs twice at once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from batch.driver import Area
from batch.servers.slurm import Slurm
from batch.waiting import wait_for
from martlet.diagnostics import MartletError
from martlet.running import job_options

pytestmark = pytest.mark.e2e

LEFT = 6
COMMAND = Path(sys.executable).parent / "martlet"

LOGGING = """\
import os
import time
from pathlib import Path

import martlet


class Fit(martlet.Workflow):
    count = martlet.IntParameter()
    job_options = {"memory": "150 MB", "walltime": "5min"}

    def create_branch_map(self):
        return self.count

    def output(self):
        return martlet.LocalTarget(f"out/{self.branch}.txt")

    def run(self):
        with open("log", "a") as log:
            log.write(f"{self.branch} begins\\n")
        while Path(f"stuck-{self.branch}").exists():
            time.sleep(0.1)  # hangs until it is freed
        if Path(f"bad-{self.branch}").exists():
            raise ValueError("no luck")
        with open("log", "a") as log:
            log.write(f"{self.branch} ends\\n")
        self.output().dump("made")


if __name__ == "__main__":
    martlet.run()
"""


class Fits:
    """An analysis whose branches hang as long as a file says so, or fail; its first run has left their jobs."""

    def __init__(self, folder: Path, batch: str, environment: dict[str, str]) -> None:
        self.area = Area(folder, environment)
        self.script = folder / "fits.py"
        self.script.write_text(LOGGING)
        self._batch = batch

    def stick(self, *branches: int, how: str = "stuck") -> None:
        for branch in branches:
            (self.area.folder / f"{how}-{branch}").touch()

    def free(self) -> None:
        for path in [*self.area.folder.glob("stuck-*"), *self.area.folder.glob("bad-*")]:
            path.unlink()

    def words(self, count: int, *more: str) -> list[str]:
        options = ["--batch", self._batch, "--no-bundle", "--workers", "4", "--poll-interval", "1", "--retries", "0"]
        return ["Fit", "--count", str(count), *options, *more]

    def leave(self, count: int, *more: str) -> None:
        code, said = self.area.run(*self.words(count, *more), "--no-wait", script=self.script)
        assert code == LEFT, said

    def finish(self, count: int, *more: str) -> str:
        code, said = self.area.run(*self.words(count, *more), script=self.script)
        assert code == 0, said
        return said

    def listed(self) -> dict[str, dict[str, Any]]:
        """Open jobs, by the branch that they run."""
        jobs: list[dict[str, Any]] = json.loads(self.area.jobs("list", "--json"))
        return {job["tasks"][0].split("_")[1]: job for job in jobs}

    def name(self, branch: int) -> str:
        job = self.listed()[str(branch)]
        return f"{job['tag']}.{job['index']}"

    def states(self) -> dict[str, str]:
        return {branch: job["state"] for branch, job in self.listed().items()}

    def log(self) -> list[str]:
        path = self.area.folder / "log"
        return path.read_text().splitlines() if path.exists() else []

    def ended(self) -> list[str]:
        return sorted(line for line in self.log() if line.endswith("ends"))


@pytest.fixture
def local(tmp_path: Path) -> Fits:
    return Fits(tmp_path, "local", {})


@pytest.fixture
def slurm(tmp_path: Path, system: Slurm) -> Fits:
    return Fits(tmp_path, "slurm", system.environment)


def test_a_branch_that_hangs_gets_another_job_and_the_next_run_goes_on_with_it(local: Fits) -> None:
    local.stick(1)
    local.leave(3)
    wait_for(lambda: local.ended() == ["0 ends", "2 ends"] and "1 begins" in local.log())
    said = local.area.jobs("resubmit", local.name(1))
    assert "1 job is submitted again" in said and "submitted again as martlet-" in said
    wait_for(lambda: local.log().count("1 begins") == 2)
    run = local.area.start(*local.words(3), script=local.script)
    time.sleep(2)  # until the run goes on with it, which nothing else would show
    local.free()
    said, _ = run.communicate(timeout=60)
    assert run.returncode == 0 and "goes on with the job that an earlier run submitted for a task" in said, said
    assert local.log().count("1 begins") == 2 and local.ended() == ["0 ends", "1 ends", "2 ends"]
    report = json.loads(_say(local, "reports", "show", "Fit_1__", "--json"))
    assert report["try"] == 2, report


def _say(fits: Fits, *words: str) -> str:
    done = subprocess.run(
        [COMMAND, *words, "--state", fits.area.state], env=dict(fits.area.environment), cwd=fits.area.folder,
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return done.stdout


def test_a_run_that_is_at_work_keeps_its_jobs(local: Fits) -> None:
    local.stick(0)
    run = local.area.start(*local.words(2), script=local.script)
    wait_for(lambda: "0 begins" in local.log())
    said = local.area.jobs("resubmit", local.name(0), code=1)
    assert f"a run is at work on its tasks, pid {run.pid}" in said and "martlet jobs cancel" in said
    local.free()
    told, _ = run.communicate(timeout=60)
    assert run.returncode == 0, told
    assert local.log().count("0 begins") == 1 and sum(local.area.submissions()) == 2


def test_failed_ones_are_found_and_the_others_left_alone(local: Fits) -> None:
    local.stick(0)
    local.stick(1, 2, how="bad")
    local.leave(4)
    wait_for(lambda: local.states() == {"0": "running", "1": "finished", "2": "finished", "3": "finished"})
    trial = json.loads(local.area.jobs("resubmit", "--failed", "--dry-run", "--json", "--job", "memory=2GB"))
    assert [job["fate"] for job in trial] == ["wanted", "wanted"]
    assert {job["tasks"][0].split("_")[1] for job in trial} == {"1", "2"}
    assert trial[0]["options"] == {"memory": 2_000_000_000, "walltime": 300}
    assert len(local.area.submissions()) == 1
    local.free()
    assert "2 jobs are submitted again" in local.area.jobs("resubmit", "--failed")
    local.finish(4)
    assert local.ended() == ["0 ends", "1 ends", "2 ends", "3 ends"] and local.area.submissions() == [4, 2]


@pytest.mark.parametrize("point", ["jobs.poll:2", "jobs.close:1", "jobs.intend:1", "jobs.submit:1", "jobs.record:1"])
def test_a_command_that_is_killed_leaves_each_branch_one_job(local: Fits, point: str) -> None:
    local.stick(0, 1)
    local.leave(2)
    wait_for(lambda: sorted(local.log()) == ["0 begins", "1 begins"])
    tag = local.name(0).split(".")[0]
    local.area.jobs("resubmit", tag, code=-signal.SIGKILL, MARTLET_FAIL=f"{point}=kill")
    local.free()
    local.finish(2, "--retries", "1")
    assert local.ended() == ["0 ends", "1 ends"]


def test_two_commands_at_once_make_one_job(local: Fits) -> None:
    local.stick(0)
    local.leave(1)
    wait_for(lambda: local.log() == ["0 begins"])
    name = local.name(0)
    both = [
        subprocess.Popen(
            [COMMAND, "jobs", "resubmit", name, "--state", local.area.state], env=dict(local.area.environment),
            cwd=local.area.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        for _ in range(2)
    ]
    said = [one.communicate(timeout=60)[0] for one in both]
    assert sum("1 job is submitted again" in text for text in said) == 1, said
    local.free()
    local.finish(1)
    assert local.ended() == ["0 ends"] and local.area.submissions() == [1, 1]


def test_pilots_are_followed_by_pilots(local: Fits) -> None:
    local.stick(2)
    local.leave(6, "--pilots", "2")
    wait_for(lambda: "2 begins" in local.log() and len(local.ended()) == 5)
    (tag,) = {job["tag"] for job in json.loads(local.area.jobs("list", "--json"))}
    said = local.area.jobs("resubmit", tag)
    assert "submitted again as martlet-" in said
    assert [record["pilots"] for record in local.area.ledger() if "intend" in record] == [2, 1]
    local.free()
    local.finish(6, "--pilots", "2")
    assert local.ended() == [f"{branch} ends" for branch in range(6)]


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fits]:
    fits = Fits(tmp_path_factory.mktemp("waiting"), "local", {})
    fits.stick(0)
    fits.leave(1)
    yield fits
    fits.area.jobs("cancel", "--all")


@pytest.mark.parametrize(
    "text",
    ["memory=500 MB", "memory=4GiB", "disk = 1.5 tb", "memory=1e3MB", "walltime=90min", "walltime=1h 30m",
     "walltime=1h30m", "walltime=7200", "walltime=0.5d", "cores=4", "gpus=1", "queue=long", "extra=--comment=a b"],
)  # fmt: skip
def test_what_new_jobs_ask_for_is_read_as_by_a_run(waiting: Fits, text: str) -> None:
    (job,) = json.loads(waiting.area.jobs("resubmit", "Fit", "--dry-run", "--json", "--job", text))
    ((flag, value),) = job_options.flag(text).items()
    name = flag.removeprefix("--job ")
    assert job["options"][name] == (value[0] if name == "queue" else value)


@pytest.mark.parametrize(
    "text",
    ["memory=4", "memory=much GB", "memory=0GB", "cores=0", "cores=two", "walltime=soon", "walltime=-1",
     "walltime=1h 30", "walltime=.5h", "walltime=0", "queue=", "extra=", "nonsense=1", "memory"],
)  # fmt: skip
def test_what_a_run_refuses_is_refused(waiting: Fits, text: str) -> None:
    with pytest.raises(MartletError):
        job_options.flag(text)
    assert f"--job {text}: " in waiting.area.jobs("resubmit", "Fit", "--dry-run", "--job", text, code=2)


# ---- with a real Slurm


def test_what_slurm_holds_and_what_failed_gets_other_jobs_with_more_memory(slurm: Fits, system: Slurm) -> None:
    slurm.stick(0)
    slurm.stick(1, how="bad")
    system.run("scontrol", "update", "PartitionName=short", "State=DOWN")  # jobs are accepted, and wait
    try:
        slurm.leave(2)
        held = slurm.listed()
        system.run("scontrol", "hold", held["0"]["id"])
    finally:
        system.run("scontrol", "update", "PartitionName=short", "State=UP")
    wait_for(lambda: slurm.states()["1"] == "finished")
    slurm.free()
    said = slurm.area.jobs("resubmit", "--failed", held["0"]["tag"], "--job", "memory=200MB")
    assert "2 jobs are submitted again" in said
    slurm.finish(2)
    assert slurm.ended() == ["0 ends", "1 ends"] and slurm.log().count("0 begins") == 1
    tags = {str(record["intend"]) for record in slurm.area.ledger() if "intend" in record} - {held["0"]["tag"]}
    told = system.run("sacct", "-nPX", f"--name={','.join(tags)}", "--format=ReqMem").split()
    assert set(told) == {"191M"}


def test_a_command_that_is_killed_between_cancelling_and_submitting_is_followed_by_a_run(slurm: Fits) -> None:
    slurm.stick(0)
    slurm.leave(2)
    wait_for(lambda: slurm.ended() == ["1 ends"] and "0 begins" in slurm.log())
    slurm.area.jobs("resubmit", slurm.name(0), code=-signal.SIGKILL, MARTLET_FAIL="jobs.intend:1=kill")
    slurm.free()
    time.sleep(1)  # so that the cancelled job would have gone on, were it there
    slurm.finish(2, "--retries", "1")
    assert slurm.ended() == ["0 ends", "1 ends"]
    assert slurm.log().count("0 begins") == 2 and slurm.area.submissions() == [2, 1]

"""What befalls jobs in a real Slurm: killed drivers between two arrays, limits, preemption, nodes, edits, secrets."""

from __future__ import annotations

import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from batch.driver import Area
from batch.servers.slurm import Slurm
from batch.slurm_jobs import in_front, live, words
from batch.waiting import wait_for

pytestmark = pytest.mark.e2e

HUNGRY = Path(__file__).with_name("hungry.py")
CODE = """\
import martlet

WORD = "first"


class Selection(martlet.Workflow):
    count = martlet.IntParameter()
    folder = martlet.Parameter()
    password = martlet.Parameter(default="", visibility=martlet.ParameterVisibility.PRIVATE)

    def create_branch_map(self):
        return self.count

    def output(self):
        return martlet.LocalTarget(f"{self.folder}/out/{self.branch}.txt")

    def run(self):
        self.output().dump(WORD)
"""


# ---- the driver is killed between two arrays of a submission (F1)


@pytest.mark.parametrize("arrays", [1, 2], ids=["one was accepted", "both were"])
def test_two_thousand_jobs_stay_two_thousand_when_the_driver_is_killed_between_their_arrays(
    system: Slurm, area: Area, arrays: int
) -> None:
    script = f"""
        echo >> "$area/asked"
        [ "$(wc -l < "$area/asked")" -gt {arrays} ] || "$real" "$@"
        [ "$(wc -l < "$area/asked")" -lt 2 ] || kill -9 $PPID"""
    system.run("scontrol", "update", "PartitionName=short", "State=DOWN")  # jobs are accepted, and wait
    try:
        before = set(live(system))
        code, _ = area.run(*words(area, 2000), **in_front(area, "sbatch", script))
        assert code == -signal.SIGKILL
        assert len(set(live(system)) - before) == 1000 * arrays
        again = area.start(*words(area, 2000))
        wait_for(lambda: area.accepted() >= 2000)
        assert len(set(live(system)) - before) == 2000
        for _ in range(2):  # leaves them
            again.send_signal(signal.SIGINT)
            time.sleep(1)  # two signals of a kind at once are one
        again.communicate(timeout=60)
        assert len(set(live(system)) - before) == 2000
        assert not [name for name in live(system) if live(system).count(name) > 1][:1]
    finally:
        system.run("scontrol", "update", "PartitionName=short", "State=UP")


# ---- what Slurm does to jobs (F7)


def test_time_that_did_not_suffice_is_doubled_and_who_is_killed_for_memory_tried_again(
    system: Slurm, area: Area
) -> None:
    # without cgroups Slurm does not say OUT_OF_MEMORY of a job that it kills for its memory
    before = system.accounted()
    # Slurm counts time in minutes
    own = ["--bytes", "250000000", "--short", "60", "--long", "60"]
    code, said = area.run("Hungry", *own, "--batch", "slurm", "--no-bundle", "--poll-interval", "2", script=HUNGRY)
    assert code == 0, said
    tried = {path.name: len(path.read_text().split()) for path in area.folder.glob("tried-*")}
    assert tried == {"tried-0": 2, "tried-1": 2, "tried-2": 1}
    wait_for(lambda: len(set(system.jobs()) - before) == 5)
    tags = {name.split(".")[0] for name in set(system.jobs()) - before}
    told = system.run("sacct", "-nPX", f"--name={','.join(tags)}", "--format=State,ReqMem,Timelimit").splitlines()
    assert sorted(told) == [
        "COMPLETED|144M|00:01:00", "COMPLETED|144M|00:01:00", "COMPLETED|144M|00:02:00", "FAILED|144M|00:01:00",
        "TIMEOUT|144M|00:01:00",
    ]  # fmt: skip


def test_a_preempted_job_is_submitted_anew(system: Slurm, area: Area) -> None:
    more = ["--pause", "6", "--job", "queue=leftover", "--job", "memory=3000MB"]
    process = area.start(*words(area, 1, *more))
    wait_for((area.folder / "ran").exists)
    system.run("sbatch", "--partition=urgent", "--mem=3000M", "--output=/dev/null", "--wrap=sleep 3")
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert area.submissions() == [1, 1] and area.outputs() == {"0.txt"}


def test_a_job_that_slurm_puts_back_into_its_queue_is_the_same_job(system: Slurm, area: Area) -> None:
    process = area.start(*words(area, 2, "--pause", "6"))
    wait_for(lambda: (area.folder / "ran").exists() and len((area.folder / "ran").read_text().split()) == 2)
    for job in system.run("squeue", "-h", "-t", "R", "--array", "--format=%F_%K %j").splitlines():
        if job.split()[1].startswith("martlet-"):
            system.run("scontrol", "requeue", job.split()[0])
    wait_for(lambda: len(_waiting(system)) == 2)
    for job in _waiting(system):
        # in the second in which it was ended a node takes its credential for the revoked one, and the job fails
        system.run("scontrol", "update", f"JobId={job}", "StartTime=now+4")
    said, _ = process.communicate(timeout=240)
    assert process.returncode == 0, said
    assert area.submissions() == [2] and area.outputs() == {"0.txt", "1.txt"}


def _waiting(system: Slurm) -> list[str]:
    """Jobs that wait: who was put back would do so for two minutes."""
    told = system.run("squeue", "-h", "-t", "PD", "--array", "--format=%F_%K %j").splitlines()
    return [line.split()[0] for line in told if line.split()[1].startswith("martlet-")]


def test_a_job_whose_node_fails_is_submitted_anew(system: Slurm, area: Area) -> None:
    more = ["--pause", "5", "--job", "extra=--no-requeue"]
    process = area.start(*words(area, 1, *more))
    wait_for((area.folder / "ran").exists)
    system.run("scontrol", "update", "NodeName=n1", "State=DOWN", "Reason=test")
    wait_for(lambda: not system.run("squeue", "-h", "-t", "R", "--format=%j"))
    with suppress(subprocess.CalledProcessError):  # its daemon has said so itself
        system.run("scontrol", "update", "NodeName=n1", "State=RESUME")
    said, _ = process.communicate(timeout=180)
    assert process.returncode == 0, said
    assert area.outputs() == {"0.txt"} and (area.folder / "ran").read_text().split() == ["0", "0"]


# ---- code is edited while jobs wait (F9)


def test_jobs_run_the_code_that_was_submitted_and_the_next_plan_tells_of_the_edit(system: Slurm, area: Area) -> None:
    area.script.write_text(CODE)
    wanted = [word for word in words(area, 2) if word != "--no-bundle"]
    system.run("scontrol", "update", "PartitionName=short", "State=DOWN")
    try:
        before = set(live(system))
        process = area.start(*wanted)
        wait_for(lambda: len(set(live(system)) - before) == 2)
        area.script.write_text(CODE.replace("first", "second"))
    finally:
        system.run("scontrol", "update", "PartitionName=short", "State=UP")
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert {path.read_text() for path in (area.folder / "out").iterdir()} == {"first"}
    code, said = area.run(*words(area, 2)[:5], "--status")
    assert code == 0 and "code" in said, said


# ---- secrets (F11)


def test_secrets_are_in_no_file_and_no_command_line(system: Slurm, area: Area) -> None:
    secret = "s3cr3t-s3cr3t"
    area.script.write_text(CODE)
    (area.folder / "token").write_text(secret)
    (area.folder / "martlet.toml").write_text(
        "[stores.far]\nurl = 'davs://door.example.org/tth'\ntoken_file = 'token'\n"
        f"[parameters.Selection]\npassword = '{secret}'\n"
    )
    script = 'printf "%s\\n" "$@" >> "$area/asked"; tee -a "$area/asked" | "$real" "$@"'
    code, said = area.run(
        *words(area, 2), BEARER_TOKEN=secret, **in_front(area, "sbatch", script)
    )
    assert code == 0, said
    assert secret not in said and secret not in (area.folder / "asked").read_text()
    files = [path for path in area.state.rglob("*") if path.is_file()]
    assert list(area.state.glob("jobs/*/job.json")) and list(area.state.glob("jobs/*/*.log"))
    assert not [path for path in files if secret.encode() in path.read_bytes()]
    told = area.run(*words(area, 1), "--store", f"far=davs://doe:{secret}@door.example.org/tth")
    assert told[0] != 0 and secret not in told[1]
    assert not [path for path in files if secret.encode() in Path(path).read_bytes()]

"""Jobs in a real Slurm of one node: the contract, drivers that are killed, commands that fail or lie."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

import contract_program
from batch.driver import Area
from batch.servers.slurm import Slurm
from batch.slurm_jobs import in_front, live, words
from batch.waiting import wait_for

pytestmark = pytest.mark.e2e


def test_it_keeps_the_contract(system: Slurm, tmp_path: Path) -> None:
    request = {"batch": "slurm", "directory": str(tmp_path), "tag": f"contract-{os.getpid()}", "queues": True}
    played = subprocess.run(
        [contract_program.path()], input=json.dumps(request), env={**os.environ, **system.environment},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert (played.returncode, played.stdout, played.stderr) == (0, "", "")


def test_branches_are_jobs_of_one_array_and_others_go_on_with_them(system: Slurm, area: Area) -> None:
    code, said = area.run("Plot", *words(area, 12)[1:])
    assert code == 0, said
    assert area.submissions() == [12, 1]
    assert (area.folder / "plot.txt").read_text() == " ".join(sorted(map(str, range(12))))
    logs = sorted((area.state / "jobs").glob("*/11.log"))
    assert logs[0].read_text() == "branch 11 begins\n"


def test_the_code_of_jobs_travels_in_a_bundle(system: Slurm, area: Area) -> None:
    without = [word for word in words(area, 2) if word != "--no-bundle"]
    code, said = area.run(*without)
    assert code == 0, said
    assert len(list((area.state / "bundles").glob("*.tar.gz"))) == 1
    assert area.outputs() == {"0.txt", "1.txt"}


def test_what_jobs_ask_for_reaches_slurm(system: Slurm, area: Area) -> None:
    before = system.accounted()
    more = ["--job", "memory=300MB", "--job", "queue=long", "--job", "walltime=2h", "--job", "extra=--comment=fit"]
    code, said = area.run(*words(area, 4, "--tasks-per-job", "2", *more))
    assert code == 0, said
    assert area.submissions() == [2] and area.often() == {}
    wait_for(lambda: len(set(system.jobs()) - before) == 2)
    tag = (set(system.jobs()) - before).pop().split(".")[0]
    told = system.run("sacct", "-nPX", f"--name={tag}", "--format=Partition,ReqMem,Timelimit").splitlines()
    assert told == ["long|287M|02:00:00"] * 2


def test_jobs_go_to_whichever_partition_takes_them(system: Slurm, area: Area) -> None:
    before = system.accounted()
    code, said = area.run(*words(area, 6, "--job", "queue=no-such-partition short long"))
    assert code == 0, said
    assert area.often() == {}
    wait_for(lambda: len(set(system.jobs()) - before) == 6)
    names = {job.split(".")[0] for job in set(system.jobs()) - before}
    told = system.run("sacct", "-nPX", f"--name={','.join(names)}", "--format=Partition").split()
    assert sorted(set(told)) == ["long", "short"] and len(told) == 6


# ---- the driver is killed (F1)


@pytest.mark.parametrize("point", ["jobs.intend", "jobs.submit", "jobs.record", "jobs.poll", "jobs.close"])
def test_a_driver_that_is_killed_leaves_each_branch_one_job(system: Slurm, area: Area, point: str) -> None:
    before = system.accounted()
    code, _ = area.run(*words(area, 8), MARTLET_FAIL=f"{point}:1=kill")
    assert code == -signal.SIGKILL
    code, said = area.run(*words(area, 8))
    assert code == 0, said
    assert area.often() == {} and len(area.outputs()) == 8
    wait_for(lambda: len(set(system.jobs()) - before) == 8)


@pytest.mark.parametrize(
    "script", ['"$real" "$@"; kill -9 $PPID', 'kill -9 $PPID; sleep 1; "$real" "$@"'], ids=["accepted", "not accepted"]
)
def test_a_thousand_jobs_stay_a_thousand_when_the_driver_is_killed_while_it_submits_them(
    system: Slurm, area: Area, script: str
) -> None:
    system.run("scontrol", "update", "PartitionName=short", "State=DOWN")  # jobs are accepted, and wait
    try:
        before = set(live(system))
        code, _ = area.run(*words(area, 1000), **in_front(area, "sbatch", script))
        assert code == -signal.SIGKILL
        assert len(set(live(system)) - before) == (1000 if script.startswith('"$real') else 0)
        again = area.start(*words(area, 1000))
        wait_for(lambda: area.accepted() == 1000)
        assert len(set(live(system)) - before) == 1000
        for _ in range(2):  # leaves them
            again.send_signal(signal.SIGINT)
            time.sleep(1)  # two signals of a kind at once are one
        again.communicate(timeout=60)
        assert len(set(live(system)) - before) == 1000
    finally:
        system.run("scontrol", "update", "PartitionName=short", "State=UP")


# ---- commands that fail or lie (F7)


def test_a_queue_that_cannot_be_asked_for_a_while_is_waited_for(system: Slurm, area: Area) -> None:
    script = """
        echo >> "$area/asked"
        [ "$(wc -l < "$area/asked")" -gt 6 ] && exec "$real" "$@"
        echo "slurm_load_jobs error: Unable to contact slurm controller (connect failure)" >&2
        exit 1"""
    code, said = area.run(*words(area, 3), **in_front(area, "squeue", script))
    assert code == 0, said
    # once, when it is so
    note = "martlet: batch system slurm: cannot be asked at the moment"
    assert said.count("cannot be asked") == 1 and -1 < said.find(note) < said.index("martlet: Done:")
    assert area.submissions() == [3] and area.often() == {}


def test_a_list_that_breaks_off_loses_no_job(system: Slurm, area: Area) -> None:
    script = """
        echo >> "$area/asked"
        [ "$(wc -l < "$area/asked")" -gt 4 ] && exec "$real" "$@"
        "$real" "$@" | head -n 1
        exit 1"""
    code, said = area.run(*words(area, 5), **in_front(area, "squeue", script))
    assert code == 0, said
    assert area.submissions() == [5] and area.often() == {}


def test_a_submission_that_was_accepted_without_an_answer_is_found(system: Slurm, area: Area) -> None:
    code, said = area.run(*words(area, 4), **in_front(area, "sbatch", '"$real" "$@" >/dev/null; kill -9 $$'))
    assert code == 0, said
    assert area.submissions() == [4] and area.often() == {}


def test_what_slurm_refuses_is_told_in_its_words(system: Slurm, area: Area) -> None:
    code, said = area.run(*words(area, 1), SBATCH_PARTITION="nowhere")
    assert code != 0
    assert "slurm refused its job: Invalid partition name specified" in said


def test_a_job_that_somebody_cancels_is_tried_again(system: Slurm, area: Area) -> None:
    before = set(live(system))
    process = area.start(*words(area, 1, "--pause", "4"))
    wait_for(lambda: bool(set(live(system)) - before))
    wait_for(lambda: (area.folder / "ran").exists())
    tag = (set(live(system)) - before).pop().split(".")[0]
    system.run("scancel", f"--name={tag}")
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert area.submissions() == [1, 1] and area.outputs() == {"0.txt"}


def test_a_job_that_is_held_is_submitted_anew(system: Slurm, area: Area) -> None:
    system.run("scontrol", "update", "PartitionName=short", "State=DOWN")
    before = set(live(system))
    process = area.start(*words(area, 1))
    wait_for(lambda: bool(set(live(system)) - before))
    for job in system.run("squeue", "-h", "-t", "PD", "--array", "--format=%F_%K %j").splitlines():
        if job.split()[1].startswith("martlet-"):
            system.run("scontrol", "hold", job.split()[0])
    system.run("scontrol", "update", "PartitionName=short", "State=UP")
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert area.submissions() == [1, 1] and area.often() == {}


# ---- two drivers (F8), and what changes meanwhile (F9)


def test_two_drivers_at_once_give_each_branch_one_job(system: Slurm, area: Area) -> None:
    drivers = [area.start(*words(area, 10)) for _ in range(2)]
    for driver in drivers:
        said, _ = driver.communicate(timeout=240)
        assert driver.returncode == 0, said
    assert sum(area.submissions()) == 10 and area.often() == {}


# ---- secrets (F11)


def test_a_secret_of_the_environment_is_in_no_file_of_ours(system: Slurm, area: Area) -> None:
    code, said = area.run(*words(area, 2), BATCH_TOKEN="s3cr3t-s3cr3t")
    assert code == 0, said
    files = [path for path in area.state.rglob("*") if path.is_file()]
    assert files and not any(b"s3cr3t-s3cr3t" in path.read_bytes() for path in files)


# ---- Ctrl-C (F16)


def test_twice_interrupted_jobs_go_on_and_the_next_run_takes_them(system: Slurm, area: Area) -> None:
    process = area.start(*words(area, 3, "--pause", "6"))
    wait_for(lambda: (area.folder / "ran").exists())
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)  # two signals of a kind at once are one
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130 and "3 jobs are left in slurm" in said
    code, said = area.run(*words(area, 3, "--pause", "6"))
    assert code == 0, said
    assert area.submissions() == [3] and area.often() == {}


# ---- pilots


def test_pilots_go_on_without_a_driver_and_the_next_run_goes_on_with_them(system: Slurm, area: Area) -> None:
    more = ["--pause", "0.3", "--pilots", "2", "--tasks-per-job", "2", "--job", "walltime=30min"]
    process = area.start(*words(area, 40, *more))
    wait_for(lambda: (area.folder / "ran").exists())
    process.kill()
    process.communicate(timeout=60)
    begun = len((area.folder / "ran").read_text().split())
    wait_for(lambda: len((area.folder / "ran").read_text().split()) > begun + 4)
    code, said = area.run(*words(area, 40, *more))
    assert code == 0, said
    assert area.often() == {} and len(area.outputs()) == 40
    assert [record["pilots"] for record in area.ledger() if "intend" in record] == [2]
    # each branch was run by one of two elements of one array
    elements = {(area.folder / "out" / name).read_text() for name in area.outputs()}
    assert elements == {"0", "1"}

"""Tasks whose work is done by jobs of Grid Engine and LSF, against programs that run jobs here, lose and delay them."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import martlet
import martlet.luigi as luigi
from martlet.luigi.contrib import lsf, sge
from martlet.luigi.contrib.queued_job import JobFailed
from martlet.luigi.contrib.shipped_task import ShippedTask, main

SOURCE = Path(martlet.__file__).parent.parent
PROGRAMS = ("qsub", "qstat", "qdel", "bsub", "bjobs", "bkill")


class Work:
    """What is done on the node, and where it leaves its mark."""

    path: Any
    extra: Any = ""

    def output(self) -> luigi.LocalTarget:
        return luigi.LocalTarget(self.path)

    def work(self) -> None:
        if "fail" in self.path:
            raise ValueError("the jets are gone")
        with self.output().open("w") as file:
            file.write(f"{os.getpid()} {self.extra}")


class OnGridEngine(Work, sge.SGEJobTask):
    path = luigi.Parameter()


class OnLSF(Work, lsf.LSFJobTask):
    path = luigi.Parameter()
    output = Work.output

    def init_local(self) -> None:
        self.extra = "set before"


Make = Callable[..., Any]


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the queue; its `mode` says how it behaves."""
    folder = tmp_path / "queue"
    bin_folder = tmp_path / "bin"
    for made in (folder, bin_folder, tmp_path / "shared"):
        made.mkdir()
    fake = Path(__file__).with_name("fake_queue.py")
    for name in PROGRAMS:
        program = bin_folder / name
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -S {fake} {name} "$@"\n')
        program.chmod(0o755)
    (folder / "mode").write_text("well")
    monkeypatch.setenv("FAKE_QUEUE", str(folder))
    monkeypatch.setenv("PATH", f"{bin_folder}:{os.environ['PATH']}")
    # the job's Python finds what this one has found
    monkeypatch.setenv("PYTHONPATH", f"{SOURCE}:{Path(__file__).parents[2]}")
    return folder


@pytest.fixture(params=[OnGridEngine, OnLSF], ids=["sge", "lsf"])
def make(request: pytest.FixtureRequest, queue: Path, tmp_path: Path) -> Make:
    """`make(name, **parameters)`: the task that makes the file `name`."""

    def make(name: str = "made", **parameters: Any) -> Any:
        task = request.param(path=str(tmp_path / name), shared_tmp_dir=str(tmp_path / "shared"), **parameters)
        task.poll_time = 0.05
        return task

    return make


def shared(tmp_path: Path) -> list[str]:
    return [entry.name for entry in (tmp_path / "shared").iterdir()]


@pytest.mark.parametrize("mode", ["well", "slow", "silent"])
def test_the_work_is_done_elsewhere(mode: str, make: Make, queue: Path, tmp_path: Path) -> None:
    (queue / "mode").write_text(mode)
    task = make()
    task.poll_time = 0.3  # a job begins quicker than it is given up
    task.run()
    pid, *extra = (tmp_path / "made").read_text().split(" ", 1)
    assert int(pid) != os.getpid()
    assert extra == (["set before"] if isinstance(task, OnLSF) else [""])
    assert shared(tmp_path) == []


def test_as_tasks_of_a_run_with_workers(make: Make, tmp_path: Path) -> None:
    tasks = [make(f"made-{n}") for n in range(3)]
    assert martlet.build(tasks, workers=3, state=tmp_path / "state", quiet=True)
    assert len(list(tmp_path.glob("made-*"))) == 3


def test_what_failed_there_is_raised_here(make: Make, tmp_path: Path) -> None:
    with pytest.raises(JobFailed, match="ValueError: the jets are gone"):
        make("fail").run()
    assert shared(tmp_path) == []


@pytest.mark.parametrize(
    ("mode", "cause"),
    [("lost", "is lost"), ("crash", "out of memory"), ("deaf", "has not answered"), ("mute", "not say which number")],
)
def test_jobs_that_do_not_come_back(mode: str, cause: str, make: Make, queue: Path, tmp_path: Path) -> None:
    (queue / "mode").write_text(mode)
    with pytest.raises(JobFailed, match=cause):
        make().run()
    assert shared(tmp_path) == []


def test_a_job_in_an_error_state(queue: Path, tmp_path: Path) -> None:
    (queue / "mode").write_text("stuck")
    task = OnGridEngine(path=str(tmp_path / "made"), shared_tmp_dir=str(tmp_path / "shared"))
    task.poll_time = 0.05
    with pytest.raises(JobFailed, match="error state"):
        task.run()


def test_who_ends_the_task_ends_its_job(make: Make, queue: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (queue / "mode").write_text("forever")
    looks = []

    def sleep(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", sleep)
    task = make()
    with pytest.raises(KeyboardInterrupt):
        task.run()
    ending = "qdel 101" if isinstance(task, OnGridEngine) else "bkill 101"
    assert ending in (queue / "calls").read_text().splitlines()


def test_what_is_asked_of_the_queues(queue: Path, tmp_path: Path) -> None:
    common = {"path": str(tmp_path / "made"), "shared_tmp_dir": str(tmp_path / "shared")}
    tasks: list[Any] = [
        OnGridEngine(n_cpu=4, parallel_env="smp", job_name_format="{task_family}/{n_cpu}", **common),
        OnLSF(queue_flag="long", job_name_flag="a name", extra_bsub_args="-app 'my app'", **common),
    ]
    for task in tasks:
        task.poll_time = 0.3
        task.run()
    first, *_, second = [line for line in (queue / "calls").read_text().splitlines() if "sub" in line.split()[0]]
    assert " -pe smp 4 -N OnGridEngine_4" in first
    assert second.startswith("bsub -q long -n 2 -M 8192 -R rusage[mem=8192] -W 60 -J a name -o ")
    assert " -app my app " in second


def test_the_folder_of_a_job_can_be_kept(queue: Path, tmp_path: Path) -> None:
    task: Any = OnGridEngine(
        path=str(tmp_path / "made"), shared_tmp_dir=str(tmp_path / "shared"), dont_remove_tmp_dir=True
    )
    task.poll_time = 0.3
    task.run()
    (kept,) = (tmp_path / "shared").iterdir()
    assert {"result.json", "job.out", "job.err"} <= {entry.name for entry in kept.iterdir()}
    other: Any = OnLSF(path=str(tmp_path / "out" / "made"), shared_tmp_dir=str(tmp_path / "jobs"), save_job_info=True)
    other.poll_time = 0.3
    other.run()
    assert other.job_status == "DONE"
    assert Path(other.tmp_dir).parent == tmp_path / "out"
    assert other.fetch_task_failures() == []


def test_without_a_cluster(tmp_path: Path) -> None:
    class Here(Work, sge.LocalSGEJobTask):
        path = luigi.Parameter()

    class HereToo(Work, lsf.LocalLSFJobTask):
        path = luigi.Parameter()
        output = Work.output

    for number, cls in enumerate((Here, HereToo)):
        cls(path=str(tmp_path / str(number))).run()
        assert (tmp_path / str(number)).read_text().startswith(str(os.getpid()))
    OnGridEngine(path=str(tmp_path / "2"), run_locally=True).run()
    assert (tmp_path / "2").exists()


SCRIPT = """
import martlet.luigi as luigi
from martlet.luigi.contrib.sge import SGEJobTask

class Scripted(SGEJobTask):
    path = luigi.Parameter()

    def output(self):
        return luigi.LocalTarget(self.path)

    def work(self):
        with self.output().open("w") as file:
            file.write(type(self).__name__)

luigi.run() if GUARD else None
"""


@pytest.mark.parametrize("guard", ["True", '__name__ == "__main__"'])
@pytest.mark.parametrize("code", [True, False])
def test_tasks_of_the_script_itself(guard: str, code: bool, queue: Path, tmp_path: Path) -> None:
    script = tmp_path / "scripted.py"
    script.write_text(SCRIPT.replace("GUARD", guard))
    words = ["--path", "made", "--shared-tmp-dir", str(tmp_path / "shared"), "--poll-time", "1"]
    command = [sys.executable, str(script), "Scripted", *words, *([] if code else ["--no-tarball"])]
    environment = {**os.environ, "MARTLET_STATE": str(tmp_path / "state")}
    run = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (tmp_path / "made").exists(), run.stderr
    assert (tmp_path / "made").read_text() == "Scripted"


def test_what_is_no_folder_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["/no/such/folder"]) == 2
    assert "usage" in capsys.readouterr().err


def test_code_that_nodes_do_not_see_goes_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "here" / "shippable"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "deep.py").write_text(
        "import martlet.luigi as luigi\n"
        "class Deep(luigi.Task):\n    path = luigi.Parameter()\n"
        "    def work(self):\n        open(self.path, 'w').write(__file__)\n"
    )
    monkeypatch.syspath_prepend(str(package.parent))
    from shippable.deep import Deep  # type: ignore[import-not-found]

    shipped = ShippedTask.pack(Deep(path=str(tmp_path / "made")), str(tmp_path / "shared"))
    package.rename(tmp_path / "gone")
    command = [*shipped.command[:1], "-P" if sys.version_info >= (3, 11) else "-s", *shipped.command[1:]]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    subprocess.run(command, env=environment, check=True, cwd="/")
    assert (tmp_path / "made").read_text().startswith(str(shipped.folder))
    assert shipped.result() == ("",)


@pytest.mark.parametrize(
    ("state", "standing"),
    [("r", "RUNNING"), ("qw", "WAITING"), ("hqw", "WAITING"), ("Eqw", "STUCK"), ("dr", "RUNNING")],
)
def test_what_qstat_lists(state: str, standing: str) -> None:
    listing = f"job-ID prior name user state\n------\n  11 0.5 a b x\n   1 0.5 name user {state} 01/01/2026\n"
    assert sge._parse_qstat_state(listing, 1) == state
    assert sge._parse_qstat_state(listing.encode(), "1") == state
    assert sge._parse_qstat_state(listing, 2) == "u"
    assert sge._standing(state).name == standing

"""One measurement: a job in a fresh process, its CPU time, wall-clock time and peak memory."""

from __future__ import annotations

import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from . import stamps
from .clock import Clock
from .job import Job
from .peak import PeakMemory
from .peers import PEERS

ROOT = Path(__file__).resolve().parents[1]
_BECOME_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of <linux/prctl.h>
_PATIENCE = 5.0
"""Seconds in which what a measured process leaves behind must end by itself."""


class MeasurementError(Exception):
    """The measured process failed, took too long or left something undone."""


@dataclass
class Sample:
    """What was measured once."""

    cpu: float
    """Seconds of user and system time of all processes, from the end of the imports to the end of the work."""
    wall: float
    """Seconds, likewise."""
    peak: int
    """Bytes: largest sum of PSS."""
    apart: float = 0.0
    """Seconds of CPU before and after: interpreter, imports, the end of the process."""
    extra: dict[str, float] = field(default_factory=dict)
    """What only this kind of job tells."""


def measure(job: Job, limit: float) -> Sample:
    """Carries a job out in an empty folder; `limit` is in seconds.

    The measured tree must not be used otherwise: its CPU time is what the kernel adds up for waited-for children.
    """
    try:
        _lay_out(job, limit)
        sample = run(_command(job), job.folder, limit)
        if job.work == "nothing":
            count, seconds = stamps.window(job.stamps)
            if count != job.size:
                raise MeasurementError(f"{job.peer} ran {count} of {job.size} tasks")
            sample.extra["window"] = seconds
        elif job.work != "objects":
            _check(job)
        return sample
    finally:
        shutil.rmtree(job.folder, ignore_errors=True)


def _lay_out(job: Job, limit: float) -> None:
    peer = PEERS[job.peer]
    if peer.remembers and job.state != "fresh":
        before = Job(job.peer, job.graph, job.size, "fresh", job.work, job.folder)
        before.lay_out()
        run(_command(before), before.folder, limit)
    else:
        job.lay_out()
    if job.work == "nothing":
        stamps.make(job.stamps, job.size)
    if peer.program:
        import_module(peer.module).lay_out(job)


def _command(job: Job) -> list[str]:
    peer = PEERS[job.peer]
    if peer.program:
        command: list[str] = import_module(peer.module).command(job)
        return command
    if job.work != "start":
        return [sys.executable, "-m", "benchmarks.child", *job.arguments()]
    script = str(ROOT / "benchmarks" / "startup" / f"one_{job.peer}.py")
    words = {
        "martlet": [script, "One", "--folder", job.files, "--quiet"],
        "luigi": [script, "One", "--folder", job.files, "--local-scheduler", "--log-level", "ERROR"],
        "doit": ["-m", "doit", "-f", script, "--db-file", f"{job.folder}/doit.db", "-v0", f"folder={job.files}"],
    }
    return [sys.executable, *words.get(job.peer, [script, job.files])]


def run(command: Sequence[str], folder: str, limit: float) -> Sample:
    """Measures one process, and whatever it starts, in a folder of its own."""
    _adopt_orphans()
    before = _children()
    listens, tells = os.pipe()
    log = Path(folder, "log")
    environment = _environment(folder) | Clock.environment(tells)
    with open(listens) as answers, open(log, "wb") as output:
        memory = PeakMemory()
        started = time.monotonic()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder, env=environment,
            pass_fds=[tells], start_new_session=True,
        )  # fmt: skip
        memory.begin()
        os.close(tells)
        try:
            status, cpu = _wait(process, limit)
            ended = time.monotonic()
            orphans = _wait_for_orphans([*before, memory.pid], _PATIENCE)
        except BaseException:  # too slow, or we are interrupted
            _kill(process, [*before, memory.pid])
            raise
        finally:
            peak = memory.stop()
        told = Clock.parse(answers.read())
    if status != 0:
        raise MeasurementError(f"{' '.join(command)}\nended with {status}: {log.read_text(errors='replace')[-2000:]}")
    if "end_cpu" not in told:
        return Sample(cpu + orphans, ended - started, peak, 0.0, told)
    worked = told.pop("end_cpu") - told.pop("begin_cpu")
    return Sample(worked + orphans, told.pop("end_wall") - told.pop("begin_wall"), peak, cpu - worked, told)


def _environment(folder: str) -> dict[str, str]:
    paths = [str(ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    own = {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, paths)), "PYTHONHASHSEED": "0"}
    environment = {**os.environ, **own, "MARTLET_STATE": f"{folder}/state"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # nobody compiles his libraries at every start
    return environment


def _check(job: Job) -> None:
    """Whether all is there that was to be made: a quick way to be fast is not to do it."""
    made = sum(1 for entry in os.scandir(job.files) if not entry.name.startswith("."))
    expected = 1 if job.work == "start" else job.shape.count
    if made != expected:
        raise MeasurementError(f"{job.peer} left {made} files where {expected} were to be made")


def _wait(process: subprocess.Popen[bytes], limit: float) -> tuple[int, float]:
    """The process's exit status and CPU seconds, those of all it waited for included."""
    watch = os.pidfd_open(process.pid)
    try:
        if not select.select([watch], [], [], limit)[0]:
            raise MeasurementError(f"it took more than {limit:.0f} s")
        _, status, usage = os.wait4(process.pid, 0)
    finally:
        os.close(watch)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_utime + usage.ru_stime


def _adopt_orphans() -> None:
    """What a measured process leaves behind becomes a child of this one, so that its CPU time is not lost."""
    ctypes.CDLL(None).prctl(_BECOME_SUBREAPER, 1, 0, 0, 0)


def _kill(process: subprocess.Popen[bytes], apart: Sequence[int]) -> None:
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    _wait_for_orphans(apart, 0)


def _wait_for_orphans(apart: Sequence[int], patience: float) -> float:
    """CPU seconds of what outlived the measured process. What doesn't end in so many seconds is killed."""
    seconds = 0.0
    until = time.monotonic() + patience
    while orphans := [pid for pid in _children() if pid not in apart]:
        for pid in orphans:
            if time.monotonic() > until:
                os.kill(pid, signal.SIGKILL)
            done, _, usage = os.wait4(pid, os.WNOHANG)
            if done:
                seconds += usage.ru_utime + usage.ru_stime
        time.sleep(0.002)
    return seconds


def _children() -> list[int]:
    found = []
    for path in Path("/proc/self/task").glob("*/children"):
        found += [int(word) for word in path.read_text().split()]
    return found

"""luigi.contrib.lsf: tasks whose work is done by a job of LSF.

Subclasses define work() in place of run(). The nodes must see `shared_tmp_dir` and the Python environment; run with as
many workers as jobs shall be in the queue.
"""

# The names are luigi's.

from __future__ import annotations

import logging
import os
import re
import shlex
import shutil
import subprocess
from typing import Any

from ...parameters import BoolParameter, FloatParameter, IntParameter, Parameter
from ...structure import flatten
from ..task import Task
from .queued_job import JobFailed, Standing, await_end
from .shipped_task import ShippedTask

LOGGER = logging.getLogger("luigi-interface")
_STANDINGS = {
    "PEND": Standing.WAITING,
    "PSUSP": Standing.WAITING,
    "SSUSP": Standing.WAITING,
    "USUSP": Standing.WAITING,
    "WAIT": Standing.WAITING,
    "RUN": Standing.RUNNING,
    "DONE": Standing.GONE,
    "EXIT": Standing.GONE,
    "": Standing.GONE,
    "UNKWN": Standing.SILENT,  # the node does not answer
    "ZOMBI": Standing.SILENT,
}
"""What bjobs calls the states; it says nothing of a job it does not know."""
_STATUS = {Standing.WAITING: "PENDING", Standing.RUNNING: "RUNNING"}
"""What luigi calls them."""


def track_job(job_id: Any) -> str:
    """What bjobs calls the state of a job: RUN, PEND, DONE, EXIT …; empty for a job it does not know."""
    command = ["bjobs", "-noheader", "-o", "stat", str(job_id)]
    asked = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if asked.returncode not in (0, 255):  # 255: no such job
        raise subprocess.CalledProcessError(asked.returncode, command)
    return asked.stdout.strip()


def kill_job(job_id: Any) -> None:
    """Ends a job."""
    subprocess.run(["bkill", str(job_id)], stdout=subprocess.DEVNULL, check=False)


class LSFJobTask(Task):
    """A task whose work() is done by a job."""

    n_cpu_flag = IntParameter(default=2, significant=False, description="slots")
    shared_tmp_dir = Parameter(default="/tmp", significant=False, description="a directory that all nodes see")
    resource_flag = Parameter(default="mem=8192", significant=False, description="what is reserved: rusage[…]")
    memory_flag = Parameter(default="8192", significant=False, description="the limit of memory")
    queue_flag = Parameter(default="queue_name", significant=False, description="the queue")
    runtime_flag = IntParameter(default=60, description="minutes it may run")
    job_name_flag = Parameter(default="", description="the job's name")
    poll_time = FloatParameter(default=5, significant=False, description="seconds between two looks at the job")
    save_job_info = BoolParameter(default=False, description="keep the job's folder beside the output")
    output: Any = Parameter(default="")
    extra_bsub_args = Parameter(default="", description="further words for bsub")

    job_status: Any = None
    """How the job is, in luigi's words: PENDING, RUNNING, DONE, FAILED, UNKNOWN."""
    tmp_dir: Any = None
    job_id: Any = None

    def init_local(self) -> None:
        """Called before the job is submitted; what it sets on the task is there on the node."""

    def work(self) -> None:
        """What the job does."""

    def run(self) -> None:
        self.init_local()
        shipped = ShippedTask.pack(self, self.shared_tmp_dir)
        self.tmp_dir = str(shipped.folder)
        try:
            self._run_job(shipped)
        except JobFailed:
            self.job_status = "FAILED"
            raise
        finally:
            self._finish(shipped)

    def _run_job(self, shipped: ShippedTask) -> None:
        command = [
            "bsub", "-q", self.queue_flag, "-n", str(self.n_cpu_flag), "-M", str(self.memory_flag),
            "-R", f"rusage[{self.resource_flag}]", "-W", str(self.runtime_flag),
            *(["-J", self.job_name_flag] if self.job_name_flag else []),
            "-o", str(shipped.output), "-e", str(shipped.errors),
            *shlex.split(self.extra_bsub_args), shlex.join(shipped.command),
        ]  # fmt: skip
        LOGGER.info("### LSF SUBMISSION ARGS: %s", shlex.join(command))
        answer = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, cwd=shipped.folder, check=True
        ).stdout
        match = re.search(r"Job <(\d+)>", answer)
        if match is None:
            raise JobFailed(f"bsub did not say which number the job has: {answer.strip()!r}")
        self.job_id = int(match[1])
        try:
            await_end(f"job {self.job_id} of {self}", shipped, self._look, self.poll_time)
        except JobFailed:
            raise
        except BaseException:
            kill_job(self.job_id)  # whoever ends the task does not want its job to go on
            raise
        self.job_status = "DONE"

    def _look(self) -> Standing:
        try:
            standing = _STANDINGS.get(track_job(self.job_id), Standing.WAITING)
        except (OSError, subprocess.CalledProcessError) as error:
            LOGGER.warning("bjobs: %s", error)
            standing = Standing.SILENT
        self.job_status = _STATUS.get(standing, "UNKNOWN")
        return standing

    def fetch_task_failures(self) -> list[str]:
        """The lines the job wrote to its standard error."""
        return self._lines("job.err")

    def fetch_task_output(self) -> list[str]:
        """The lines the job wrote to its standard output, with what LSF says of it."""
        return self._lines("job.out")

    def _lines(self, name: str) -> list[str]:
        path = os.path.join(self.tmp_dir or "", name)
        if not os.path.isfile(path):
            return []
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.readlines()

    def _finish(self, shipped: ShippedTask) -> None:
        outputs = flatten(self.output()) if self.save_job_info else []
        paths = [target.path for target in outputs if hasattr(target, "path")]
        if paths:
            beside = os.path.dirname(os.path.abspath(paths[0]))
            os.makedirs(beside, exist_ok=True)
            self.tmp_dir = shutil.move(str(shipped.folder), beside)
        else:
            shipped.remove()


class LocalLSFJobTask(LSFJobTask):
    """The same, done here: to try a workflow without a cluster."""

    def run(self) -> None:
        self.init_local()
        self.work()


__all__ = ["LSFJobTask", "LocalLSFJobTask", "kill_job", "track_job"]

"""luigi.contrib.sge: tasks whose work is done by a job of Grid Engine.

Subclasses define work() in place of run(). The nodes must see `shared_tmp_dir` and the Python environment; run with as
many workers as jobs shall be in the queue.
"""

# The names are luigi's.

from __future__ import annotations

import logging
import re
import shlex
import subprocess
from typing import Any

from ...parameters import BoolParameter, IntParameter, OptionalParameter, Parameter
from ..task import Task
from .queued_job import JobFailed, Standing, await_end
from .shipped_task import ShippedTask

logger = logging.getLogger("luigi-interface")
POLL_TIME = 5
"""Seconds between two looks at a job."""


def _text(output: Any) -> str:
    return output.decode("utf-8", "replace") if isinstance(output, bytes) else str(output)


def _parse_qstat_state(qstat_out: Any, job_id: Any) -> str:
    """The state of a job in what qstat prints (qw, r, Eqw …); "u" if it is not listed."""
    lines = iter(_text(qstat_out).splitlines())
    for line in lines:
        if line.startswith("---"):
            break
    for line in lines:
        words = line.split()
        if len(words) >= 5 and words[0] == str(int(job_id)):
            return words[4]
    return "u"


def _parse_qsub_job_id(qsub_out: Any) -> int:
    """The number of the job in what qsub prints."""
    match = re.search(r"Your job (\d+)", _text(qsub_out))
    if match is None:
        raise JobFailed(f"qsub did not say which number the job has: {_text(qsub_out).strip()!r}")
    return int(match[1])


def _standing(state: str) -> Standing:
    if "E" in state:
        return Standing.STUCK
    if state == "u":
        return Standing.GONE
    return Standing.RUNNING if "r" in state or "t" in state else Standing.WAITING


class SGEJobTask(Task):
    """A task whose work() is done by a job."""

    n_cpu = IntParameter(default=2, significant=False, description="slots of the parallel environment")
    shared_tmp_dir = Parameter(default="/home", significant=False, description="a directory that all nodes see")
    parallel_env = Parameter(default="orte", significant=False, description="the parallel environment")
    job_name_format = OptionalParameter(
        default=None, significant=False, description="the job's name, with {task_family} and parameters in it"
    )
    job_name = OptionalParameter(default=None, significant=False, description="the job's name; default: the family")
    run_locally = BoolParameter(significant=False, description="do the work here")
    poll_time = IntParameter(default=POLL_TIME, significant=False, description="seconds between two looks at the job")
    dont_remove_tmp_dir = BoolParameter(significant=False, description="keep the job's folder")
    no_tarball = BoolParameter(significant=False, description="the nodes see the code: do not send it along")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.job_name:
            template = self.job_name_format or "{task_family}"
            self.job_name = template.format(task_family=self.task_family, **self.param_kwargs)

    def work(self) -> None:
        """What the job does."""

    def run(self) -> None:
        if self.run_locally:
            self.work()
            return
        shipped = ShippedTask.pack(self, self.shared_tmp_dir, with_code=not self.no_tarball)
        try:
            self._run_job(shipped)
        finally:
            if not self.dont_remove_tmp_dir:
                shipped.remove()

    def _run_job(self, shipped: ShippedTask) -> None:
        command = [
            "qsub", "-o", f":{shipped.output}", "-e", f":{shipped.errors}", "-V", "-r", "y",
            "-pe", self.parallel_env, str(self.n_cpu), "-N", re.sub(r"[^\w.-]", "_", str(self.job_name)),
        ]  # fmt: skip
        answer = subprocess.check_output(command, input=f"exec {shlex.join(shipped.command)}\n".encode())
        number = _parse_qsub_job_id(answer)
        logger.info("Submitted %s as job %s", self, number)
        try:
            await_end(f"job {number} of {self}", shipped, _Look(number), self.poll_time)
        except JobFailed:
            raise
        except BaseException:
            # whoever ends the task does not want its job to go on
            subprocess.run(["qdel", str(number)], stdout=subprocess.DEVNULL, check=False)
            raise


class _Look:
    """Asks the queue for one job."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._unlisted = False

    def __call__(self) -> Standing:
        try:
            if self._unlisted:
                return self._asked_by_number()
            state = _parse_qstat_state(subprocess.check_output(["qstat"]), self._number)
        except (OSError, subprocess.CalledProcessError) as error:
            logger.warning("qstat: %s", error)
            return Standing.SILENT
        self._unlisted = state == "u"
        return _standing(state)

    def _asked_by_number(self) -> Standing:
        """The list may be late, or without other users' jobs; who asks for a number gets a plain answer."""
        command = ["qstat", "-j", str(self._number)]
        try:
            asked = subprocess.run(command, capture_output=True, text=True, check=False)
        except FileNotFoundError:
            return Standing.GONE  # then the list is all there is
        if asked.returncode == 0:
            self._unlisted = False
            return Standing.WAITING
        return Standing.GONE if "do not exist" in asked.stderr + asked.stdout else Standing.SILENT


class LocalSGEJobTask(SGEJobTask):
    """The same, done here: to try a workflow without a cluster."""

    def run(self) -> None:
        self.work()


__all__ = ["LocalSGEJobTask", "SGEJobTask"]

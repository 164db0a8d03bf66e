"""`martlet job FILE`: runs one task in a process of its own, from a description that the driver wrote.

The result is an outcome frame (`martlet.running.outcome`) in a file that appears in one step, when the task has
ended, however it ended. The exit code says whether this program did its part, not how the task ended.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from . import fail_points, luigi_finder
from .register import Register
from .running import apart, lineage
from .running.batch import Batches
from .running.execution import Execution
from .running.outcome import Outcome
from .steering import configured_stores, definitions
from .task import Task

EXIT_DONE = 0
EXIT_DESCRIPTION = 20
"""The description is unreadable or of another version."""
EXIT_IMPORT = 21
"""The script or module of the task cannot be imported."""
EXIT_TASK = 22
"""The task cannot be made from its parameters, or is another task here than it was there."""
EXIT_RESULT = 23
"""The result cannot be written."""
# 24 to 28: martlet/bundle/bootstrap.sh and arrival.py


def main(description: Path, code: Path | None = None) -> int:
    """Runs the job. Returns the exit code of the process; complaints go to stderr in one line.

    :param code: where the code lies that came in a bundle, in place of the folder it was made from.
    """
    try:
        job = json.loads(description.read_text(encoding="utf-8"))
        if job.get("martlet") != "job" or job.get("version") != 1:
            raise ValueError("not a job description of version 1")
    except (OSError, ValueError) as error:
        return _refuse(EXIT_DESCRIPTION, f"cannot read {description}: {error}")
    if code is not None:
        _move(job, code)
    configured_stores.give(job.get("stores", ()))
    configured_stores.run_for(Path(job["script"]) if job["script"] else None)
    try:
        _import(job)
    except Exception as error:  # user code
        return _refuse(EXIT_IMPORT, f"cannot import {job['script'] or job['module']}: {type(error).__name__}: {error}")
    try:
        task = _make(job)
        followers = [type(task).from_str_params(texts) for texts in job.get("followers", ())]
    except Exception as error:  # user code
        return _refuse(EXIT_TASK, f"cannot make {job['family']}: {type(error).__name__}: {error}")
    lineage.inherit(job.get("within", ()))
    usual = Execution([task, *followers], (), job["check_outputs"], sums=lambda cls: bool(job.get("checksum")))
    execution = Batches(usual, job["check_outputs"]).lead(0, range(1, len(followers) + 1))
    limit = job.get("time_limit")
    if limit is None:
        return _answer(execution.run(0), job)
    ending = apart.within(limit, lambda: _answer(execution.run(0), job))
    return _answer(execution.timed_out(0), job) if ending is None else ending


def _move(job: dict[str, Any], code: Path) -> None:
    """Has the script, and what is imported, come from a bundle, as far as it was in the folder that was packed."""
    root = Path(job["root"])

    def moved(path: str) -> str:
        return str(code / Path(path).relative_to(root)) if Path(path).is_relative_to(root) else path

    job["script"] = moved(job["script"]) if job["script"] else None
    job["path"] = [moved(entry) for entry in job["path"]]


def _answer(outcome: Outcome, job: dict[str, Any]) -> int:
    """Leaves the outcome where the driver looks for it. Returns the exit code."""
    outcome.task = job["index"]
    try:
        if fail_points.armed:
            fail_points.reach("job.result")
        _write(Path(job["result"]), outcome.frame())
    except OSError as error:
        return _refuse(EXIT_RESULT, f"cannot write {job['result']}: {error.strerror}")
    return EXIT_DONE


def _import(job: dict[str, Any]) -> None:
    luigi_finder.install()
    for entry in reversed(job["path"]):
        if entry not in sys.path:
            sys.path.insert(0, entry)
    if job["script"] and job["module"] in ("__main__", definitions.MODULE):
        definitions.execute(Path(job["script"]))
    else:
        importlib.import_module(job["module"])


def _make(job: dict[str, Any]) -> Task:
    cls: Any = Register.get_task_cls(job["family"])
    task: Task = cls.from_str_params(job["params"])
    if task.task_id != job["task"]:
        raise ValueError(f"here it is {task.task_id}, the driver asked for {job['task']}")
    return task


def _write(path: Path, frame: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with open(temporary, "wb") as file:
        file.write(frame)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def _refuse(code: int, why: str) -> int:
    print(f"martlet job: {why}", file=sys.stderr)
    return code

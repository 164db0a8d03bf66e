"""`martlet job FILE INDEX`: runs a slice of tasks in a process of its own, from a description that the driver wrote.

The file has a line for all jobs and one for each (`martlet.running.jobs`). The result, `INDEX.result` beside it, has an
outcome frame (`martlet.running.outcome`) for each task that has ended, however it ended, by its place in the slice;
what a process that was killed wrote of another is cut off. The exit code says whether this program did its part, not
how tasks ended.
"""

from __future__ import annotations

import importlib
import itertools
import json
import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import luigi_finder
from .register import Register
from .running import apart, lineage
from .running.batch import Batches
from .running.execution import Execution
from .running.outcome import Outcome
from .running.results import Results
from .steering import classes, configured_stores, definitions
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


def main(description: Path, index: int, code: Path | None = None) -> int:
    """Runs the job. Returns the exit code of the process; complaints go to stderr in one line.

    :param index: which job of the description.
    :param code: where the code lies that came in a bundle, in place of the folder it was made from.
    """
    try:
        job, slice_ = _read(description, index)
    except (OSError, ValueError) as error:
        return _refuse(EXIT_DESCRIPTION, f"cannot read {description}: {error}")
    if code is not None:
        _move(job, code)
    configured_stores.give(job.get("stores", ()))
    origin = None if code is None else configured_stores.Origin(Path(job["root"]), code.resolve())
    configured_stores.run_for(Path(job["script"]) if job["script"] else None, origin)
    _configure(job.get("parameters", {}))
    for module in dict.fromkeys("__main__" if _is_script(job, told) else told["module"] for told in slice_):
        try:
            _import(job, module)
        except Exception as error:  # user code
            cause = f"{type(error).__name__}: {error}"
            return _refuse(EXIT_IMPORT, f"cannot import {job['script'] or module}: {cause}")
    executions = []
    for told in slice_:
        try:
            executions.append(_make(told, job))
        except Exception as error:  # user code
            return _refuse(EXIT_TASK, f"cannot make {told['family']}: {type(error).__name__}: {error}")
    try:
        results = Results(description.with_name(f"{index}.result"))
        for place, (told, execution) in enumerate(zip(slice_, executions, strict=True)):
            if place not in results.done:
                _run(told, execution, place, results)
    except OSError as error:
        return _refuse(EXIT_RESULT, f"cannot write {error.filename or 'the result'}: {error.strerror}")
    return EXIT_DONE


def _read(description: Path, index: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What all jobs are told, and the tasks of this one. Raises OSError, ValueError."""
    with open(description, encoding="utf-8") as lines:
        job = json.loads(next(lines, ""))
        if job.get("martlet") != "job" or job.get("version") != 2:
            raise ValueError("not a job description of version 2")
        line = next(itertools.islice(lines, index, None), None)
    if line is None:
        raise ValueError(f"it has no job {index}")
    tasks: list[dict[str, Any]] = json.loads(line)["tasks"]
    return job, tasks


def _run(told: dict[str, Any], execution: Execution, place: int, results: Results) -> None:
    lineage.inherit(told.get("within", ()))
    limit, begin = told.get("time_limit"), _printed()

    def leave(outcome: Outcome) -> int:
        outcome.task = place
        if begin is not None:
            outcome.log_offset, outcome.log_length = begin, max(0, (_printed() or begin) - begin)
        results.add(outcome)
        return 0

    if limit is None:
        leave(execution.run(0))
    elif apart.within(limit, lambda: leave(execution.run(0))) is None:
        leave(execution.timed_out(0))


def _printed() -> int | None:
    """How long the file is to which this process prints; None where that is no file."""
    sys.stdout.flush()
    sys.stderr.flush()
    status = os.fstat(1)
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _move(job: dict[str, Any], code: Path) -> None:
    """Has the script, and what is imported, come from a bundle, as far as it was in the folder that was packed."""
    root = Path(job["root"])

    def moved(path: str) -> str:
        return str(code / Path(path).relative_to(root)) if Path(path).is_relative_to(root) else path

    job["script"] = moved(job["script"]) if job["script"] else None
    job["path"] = [moved(entry) for entry in job["path"]]


def _configure(parameters: Mapping[str, Mapping[str, str]]) -> None:
    """What tasks need is made here as the driver makes it."""
    classes.set_configured(
        lambda family, name: parameters.get(family, {}).get(name.replace("-", "_")), dict(parameters)
    )


def _is_script(job: dict[str, Any], told: dict[str, Any]) -> bool:
    """Whether its class is the script's own; that is executed once, since classes of the same name are not the same."""
    return bool(job["script"]) and told["module"] in ("__main__", definitions.MODULE)


def _import(job: dict[str, Any], module: str) -> None:
    luigi_finder.install()
    for entry in reversed(job["path"]):
        if entry not in sys.path:
            sys.path.insert(0, entry)
    if job["script"] and module == "__main__":
        definitions.execute(Path(job["script"]))
    else:
        importlib.import_module(module)


def _make(told: dict[str, Any], job: dict[str, Any]) -> Execution:
    cls: Any = Register.get_task_cls(told["family"])
    task: Task = cls.from_str_params(told["params"])
    if task.task_id != told["task"]:
        raise ValueError(f"here it is {task.task_id}, the driver asked for {told['task']}")
    followers = [cls.from_str_params(texts) for texts in told.get("followers", ())]
    if "branch_data" in told:
        from .workflow import parcel  # only for those who have workflows

        for one, data in zip((task, *followers), told["branch_data"]):
            if data is not None:
                parcel.unpack(data, one)
    sums = bool(told.get("checksum"))
    usual = Execution([task, *followers], (), job["check_outputs"], sums=lambda _: sums)
    return Batches(usual, job["check_outputs"]).lead(0, range(1, len(followers) + 1))


def _refuse(code: int, why: str) -> int:
    print(f"martlet job: {why}", file=sys.stderr)
    return code

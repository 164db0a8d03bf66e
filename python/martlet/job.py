"""`martlet job FILE INDEX`: runs a slice of tasks in a process of its own, from a description that the driver wrote.

The file has a line for all jobs and one for each slice (`martlet.running.jobs`). A job runs the slice of its own
number; pilots take one after the other (`martlet.running.pilot`). The result, `INDEX.result` beside the file, has an
outcome frame (`martlet.running.outcome`) for each task that has ended, however it ended, by its place in the slice;
what a process that was killed wrote of another is cut off. The exit code says whether this program did its part, not
how tasks ended. Programs of their own that a run starts here, inside sandboxes, get such a file too, with one task.
"""

from __future__ import annotations

import importlib
import itertools
import json
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from . import luigi_finder
from .diagnostics import MartletError
from .register import Register
from .running import lineage
from .running import slice as slices
from .running.combined import Batches
from .running.description import remade
from .running.execution import Execution
from .running.pilot import Pilot, Slice, slice_head
from .running.results import Results, result_of
from .running.slice import Entry
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
"""The result cannot be written where it is shared with other nodes."""
# 24 to 28: martlet/bundle/bootstrap.sh and arrival.py
EXIT_ENGINE = 29
"""Nothing can be run here: there is no room for a process."""
EXIT_DISK = 30
"""The result cannot be written on a disk of the node's own."""


def main(description: Path, index: int, code: Path | None = None) -> int:
    """Runs the job. Returns the exit code of the process; complaints go to stderr in one line.

    :param index: which job of the description.
    :param code: where the code lies that came in a bundle, in place of the folder it was made from.
    """
    try:
        job, taken = _read(description, index)
    except (OSError, ValueError) as error:
        return _refuse(EXIT_DESCRIPTION, f"cannot read {description}: {error}")
    if code is not None:
        _move(job, code)
    configured_stores.give(job.get("stores", ()))
    origin = None if code is None else configured_stores.Origin(Path(job["root"]), code.resolve())
    configured_stores.run_for(Path(job["script"]) if job["script"] else None, origin)
    _configure(job.get("parameters", {}))
    so_far = _SoFar()
    try:
        for slice_ in taken:
            status = _perform({**job, **slice_.told}, slice_, description, index, so_far)
            if status != EXIT_DONE:
                return status
    except OSError as error:
        return _refuse(EXIT_RESULT, f"cannot write {error.filename or 'the result'}: {error.strerror}")
    except slices.NotLeftBehind as error:
        return _refuse(EXIT_DISK if error.is_of_node else EXIT_RESULT, str(error))
    except MartletError as error:
        return _refuse(EXIT_ENGINE, str(error))
    return EXIT_DONE


class _SoFar:
    """What a process has that has run slices."""

    def __init__(self) -> None:
        self.imported: set[str] = set()
        """Modules."""
        self.records = slices.Records()


def _perform(job: dict[str, Any], slice_: Slice, description: Path, index: int, so_far: _SoFar) -> int:
    """Runs a slice. Returns an exit code.

    Raises OSError or NotLeftBehind where a result cannot be written, MartletError where nothing can be run.

    :param index: the number of the job, to whose log this process prints.
    :param so_far: by the slices before; what this one imports is added.
    """
    for module in dict.fromkeys("__main__" if _is_script(job, told) else told["module"] for told in slice_.tasks):
        if module in so_far.imported:
            continue
        try:
            _import(job, module)
        except Exception as error:  # user code
            cause = f"{type(error).__name__}: {error}"
            return _refuse(EXIT_IMPORT, f"cannot import {job['script'] or module}: {cause}")
        so_far.imported.add(module)
    entries = []
    for told in slice_.tasks:
        try:
            entries.append(Entry(told, _make(told)))
        except Exception as error:  # user code
            return _refuse(EXIT_TASK, f"cannot make {told['family']}: {type(error).__name__}: {error}")
    if "tag" not in job:
        _run_one(entries[0], job, Results(result_of(description.parent, index)))
    else:
        slices.run(job, entries, description, slice_.number, index, so_far.records)
    return EXIT_DONE


def _read(description: Path, index: int) -> tuple[dict[str, Any], Iterable[Slice]]:
    """What all jobs are told, and what this one runs. Raises OSError, ValueError."""
    begin = time.monotonic()
    with open(description, encoding="utf-8") as lines:
        job = json.loads(next(lines, ""))
        if job.get("martlet") != "job" or job.get("version") != 3:
            raise ValueError("not a job description of version 3")
        if "pilots" in job:
            return job, Pilot(description, index, job["pilots"], begin)
        line = next(itertools.islice(lines, index, None), None)
    if line is None:
        raise ValueError(f"it has no job {index}")
    return job, [Slice(index, json.loads(line)["tasks"], slice_head(job))]


def _run_one(entry: Entry, job: dict[str, Any], results: Results) -> None:
    """Runs the task of a program of its own, in this process: whoever started it looks after it, and reports."""
    lineage.inherit(entry.told.get("within", ()))
    sums = bool(entry.told.get("checksum"))
    usual = Execution(entry.members, (), job["check_outputs"], sums=lambda _: sums)
    results.add(Batches(usual, job["check_outputs"]).lead(0, range(1, len(entry.members))).run(0))


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


def _make(told: dict[str, Any]) -> list[Task]:
    """The task, and those that run as one with it."""
    cls: Any = Register.get_task_cls(told["family"])
    task = remade(cls, told["params"])
    if task.task_id != told["task"]:
        raise ValueError(f"here it is {task.task_id}, the driver asked for {told['task']}")
    members = [task, *(remade(cls, texts) for texts in told.get("followers", ()))]
    if "branch_data" in told:
        from .workflow import parcel  # only for those who have workflows

        for one, data in zip(members, told["branch_data"], strict=False):
            if data is not None:
                parcel.unpack(data, one)
    return members


def _refuse(code: int, why: str) -> int:
    print(f"martlet job: {why}", file=sys.stderr)
    return code

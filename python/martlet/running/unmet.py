"""Requirements that are gone when a task is to start, though they were done or there before."""

from __future__ import annotations

import os

from ..structure import flatten
from ..targets.local import LocalTarget
from ..task import Task, plain_completion

_LEAF = (Task.requires, Task._requires, Task.deps)


def checks(cls: type[Task]) -> bool:
    """Whether tasks of a class have their requirements looked at once more."""
    return (cls.requires, cls._requires, cls.deps) != _LEAF and cls._checks_requirements()


def _made_its_file(task: Task) -> bool:
    """Whether the task is complete because its one local file is there, which by far the most are; else ask it."""
    if not plain_completion(type(task)):
        return False
    output = task.output()
    path = output.bulk_path() if isinstance(output, LocalTarget) else None
    return path is not None and os.path.exists(path)


def unmet(task: Task) -> str:
    """What the task requires and is not complete, in luigi's words; empty if nothing is."""
    missing: list[str] = []
    for needed in task.deps():
        if not _made_its_file(needed) and not needed.complete():
            absent = [str(output) for output in flatten(needed.output()) if not output.exists()]
            missing.append(f"{needed.task_id} ({', '.join(absent)})" if absent else needed.task_id)
    if not missing:
        return ""
    noun = "dependency" if len(missing) == 1 else "dependencies"
    return f"Unfulfilled {noun} at run time: {', '.join(missing)}"

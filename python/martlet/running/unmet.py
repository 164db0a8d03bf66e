"""Requirements that are gone when a task is to start, though they were done or there before."""

from __future__ import annotations

import os
from typing import Any

from ..structure import flatten
from ..targets.base import Target
from ..targets.local import LocalTarget
from ..targets.location import is_remote
from ..targets.together import all_exist
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


def _outputs_in_stores(task: Task) -> list[Any]:
    """The outputs of a task that is complete when they exist, if some of them lie in a remote store."""
    if not plain_completion(type(task)):
        return []
    outputs = flatten(task.output())
    return outputs if any(_is_remote(output) for output in outputs) else []


def _is_remote(output: Any) -> bool:
    places = output.bulk_locations() if isinstance(output, Target) else None
    return any(is_remote(place) for place in places or ())


def unmet(task: Task) -> str:
    """What the task requires and is not complete, in luigi's words; empty if nothing is."""
    missing: list[str] = []
    in_doubt = [needed for needed in task.deps() if not _made_its_file(needed)]
    stored = [outputs for needed in in_doubt if (outputs := _outputs_in_stores(needed))]
    # one look at all of them; only to say what is missing they are asked one by one
    are_there = len(stored) > 1 and all_exist(output for outputs in stored for output in outputs)
    for needed in in_doubt:
        if not (are_there and _outputs_in_stores(needed)) and not needed.complete():
            absent = [str(output) for output in flatten(needed.output()) if not output.exists()]
            missing.append(f"{needed.task_id} ({', '.join(absent)})" if absent else needed.task_id)
    if not missing:
        return ""
    noun = "dependency" if len(missing) == 1 else "dependencies"
    return f"Unfulfilled {noun} at run time: {', '.join(missing)}"

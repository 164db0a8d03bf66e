"""Which output of a task is not there, for people."""

from __future__ import annotations

from ..structure import flatten
from ..task import Task


def first_absent(task: Task) -> str:
    """The first output of a task that is not there; "its output" where it cannot be told."""
    for target in flatten(task.output()):
        if not target.exists():
            return str(target.bulk_path() or target)
    return "its output"

"""Which output of a task is not there, for people."""

from __future__ import annotations

from .. import _bridge
from ..structure import flatten
from ..task import Task


def first_absent(task: Task) -> str:
    """The first output of a task that is not there; "its output" where it cannot be told."""
    for target in flatten(task.output()):
        if not target.exists():
            location = target.bulk_location()
            return str(target) if location is None else _bridge.without_credentials(location)
    return "its output"

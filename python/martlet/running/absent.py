"""Which output of a task is not there, for people."""

from __future__ import annotations

from .. import _bridge
from ..structure import flatten
from ..task import Task


def first_absent(task: Task, seen: str = "") -> str:
    """The first output, of a task that lacks one; "its output" where it cannot be told.

    `seen`: that planning saw it lack. Stores are not asked again where that is not needed.
    """
    if seen:
        return _bridge.without_credentials(seen)
    outputs = flatten(task.output())
    for target in outputs:
        location = target.bulk_location()
        if (len(outputs) == 1 and location is not None) or not _exists(target):
            return str(target) if location is None else _bridge.without_credentials(location)
    return "its output"


def _exists(target: object) -> bool:
    try:
        return bool(target.exists())  # type: ignore[attr-defined]
    except Exception:  # user code, or a store that is gone by now: it is not said to lack
        return True

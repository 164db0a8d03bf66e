"""How long tasks may take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .task import Task

ATTRIBUTES = ("time_limit", "worker_timeout")
"""What a task class or a task says of it; the first that is not None counts."""

_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "min": 60.0, "s": 1.0}


def of(task: Task) -> float | None:
    """Seconds that an execution of the task may take; None: as long as it likes.

    Raises ValueError for what is no length of time, and whatever a property of the user's raises.
    """
    limit = task.time_limit
    if limit is None:
        limit = task.worker_timeout
    if limit is None:
        limit = task._usual_time_limit()
    return None if limit is None else seconds(limit)


def is_constant(cls: type[Task]) -> bool:
    """Whether all tasks of a class have the same limit, unless an instance was given its own."""
    return all(isinstance(getattr(cls, name), (type(None), int, float, str)) for name in ATTRIBUTES)


def seconds(limit: Any) -> float | None:
    """A limit in seconds: a number of them, "90s", "2h", "1h 30m", or a timedelta. Nothing for 0.

    Raises ValueError for anything else.
    """
    if isinstance(limit, str):
        value = _parse(limit)
    elif hasattr(limit, "total_seconds"):
        value = float(limit.total_seconds())
    elif isinstance(limit, (int, float)) and not isinstance(limit, bool):
        value = float(limit)
    else:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise ValueError(f'{limit!r} is no time limit: give seconds, "90s", "2h", "1h 30m" or a timedelta')
    return value or None


def _parse(text: str) -> float:
    import re  # only limits with units need it

    if re.fullmatch(r"\s*\d+(\.\d+)?\s*", text):
        return float(text)
    if not re.fullmatch(r"\s*(\d+(\.\d+)?\s*(d|h|min|m|s)\s*)+", text):
        return -1.0
    return sum(float(amount) * _UNITS[unit] for amount, unit in re.findall(r"(\d+(?:\.\d+)?)\s*(d|h|min|m|s)", text))

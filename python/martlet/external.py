"""Tasks and classes that stand in for others."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import WRAPPER_ASSIGNMENTS
from typing import Any


def externalize(task: Any) -> Any:
    """A copy of a task, or a subclass of a task class, that has no run(): it is made elsewhere."""
    if not isinstance(task, type):
        copied = copy(task)
        copied.run = None
        return copied

    @wraps_class(task)
    class External(task):  # type: ignore[misc]
        _visible_in_registry = False
        run = None

    return External


def wraps_class(cls: Any) -> Callable[[Any], Any]:
    """Decorator for a subclass that stands in for `cls`: it takes its name, module, documentation and namespace."""

    def rename(subclass: Any) -> Any:
        for name in (*WRAPPER_ASSIGNMENTS, "_namespace_at_class_time"):
            if hasattr(cls, name):
                setattr(subclass, name, getattr(cls, name))
        subclass.__wrapped__ = cls
        return subclass

    return rename


def is_external(task: Any) -> bool:
    """Whether a task is made elsewhere: it has no run()."""
    return task.run is None or task.run is NotImplemented

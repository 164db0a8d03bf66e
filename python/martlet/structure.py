"""Nested requirements and outputs: lists, dicts and single things, in any depth."""

from __future__ import annotations

from typing import Any

from .register import Register

_single: set[type] = set()
"""Classes whose instances were found to be one thing each: asking again costs an exception."""


def flatten(struct: Any) -> list[Any]:
    """All things in a nested structure, in order: values of dicts, items of iterables, anything else as it is.

    None gives an empty list, a string counts as one thing, a generator is used up.
    """
    cls = struct.__class__
    if cls in _single:
        return [struct]
    if struct is None:
        return []
    if isinstance(struct, str):
        return [struct]
    items = struct.values() if isinstance(struct, dict) else struct
    try:
        iterator = iter(items)
    except TypeError:
        if not hasattr(cls, "__iter__") and not hasattr(cls, "__getitem__"):
            _single.add(cls)
        return [struct]
    flat: list[Any] = []
    for item in iterator:
        if item.__class__ in _single:
            flat.append(item)
        else:
            flat += flatten(item)
    return flat


def getpaths(struct: Any) -> Any:
    """The same structure with every task replaced by its output(). Lists, tuples and dicts keep their classes."""
    if isinstance(type(struct), Register):
        return struct.output()
    if isinstance(struct, dict):
        pairs: Any = struct.__class__
        return pairs((key, getpaths(value)) for key, value in struct.items())
    if isinstance(struct, (list, tuple)):
        items: Any = struct.__class__
        return items(getpaths(item) for item in struct)
    try:
        iterator = iter(struct)
    except TypeError:
        raise TypeError(
            f"Cannot map {struct} to Task/dict/list: requires() must give tasks, or lists or dicts of tasks"
        ) from None
    return [getpaths(item) for item in iterator]


def flatten_output(task: Any) -> list[Any]:
    """The outputs of a task; for one without outputs (a wrapper) those of what it requires, and so on."""
    with_outputs: dict[Any, None] = {}
    waiting = [task]
    for current in waiting:  # grows while it is walked
        if flatten(current.output()):
            with_outputs.setdefault(current)
        else:
            waiting.extend(flatten(current.requires()))
    return flatten([current.output() for current in with_outputs])

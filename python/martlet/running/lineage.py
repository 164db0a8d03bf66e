"""The runs within whose tasks this process is at work: a run started there must not wait for what waits for it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..task import Task
from .claims import name

if TYPE_CHECKING:
    from .._bridge import Run


class _Level:
    """A run, and the task of it that this process runs at the moment."""

    def __init__(self, file: str, pid: int, task: Task | str | None = None, run: Run | None = None) -> None:
        self.file = file
        self.pid = pid
        self.task = task
        self.run = run


_UNSTATED = {"cores": 1.0}
"""What a task has that does not say."""
_levels: list[_Level] = []
"""Outermost first. A process that is forked for a run's tasks inherits them."""


@contextmanager
def within(file: str, run: Run | None = None) -> Iterator[None]:
    """While tasks of a run are run by this process and by those forked from it. `file`: the name of its claims."""
    _levels.append(_Level(file, os.getpid(), run=run))
    try:
        yield
    finally:
        _levels.pop()


def innermost() -> _Level | None:
    """The innermost run; its `task` is to be set when one begins in this process."""
    return _levels[-1] if _levels else None


def resources_left() -> dict[str, float]:
    """Limits for a run that starts here, within a task of another: together they must not use more than there is.

    In the other run's driver nothing starts meanwhile: what nobody has taken is left. In a worker others may start at
    any moment: what the task holds itself is left, nothing else that has a limit. Empty where no run is around.
    """
    level = innermost()
    if level is None or level.run is None or not isinstance(level.task, Task):
        return {}
    left: dict[str, float] = json.loads(level.run.left())
    if level.pid == os.getpid():
        return left
    # of a forked process's copy of the engine only the names are true
    held = level.task.process_resources()
    return {name: float(held.get(name, _UNSTATED.get(name, 0))) for name in {*left, *held}}


def at_work_on(task: Task | None) -> None:
    """The innermost run's task begins in this process, or has ended."""
    if _levels:
        _levels[-1].task = task


def told(task: Task | None = None) -> list[dict[str, Any]]:
    """What a run that starts here, or a program that runs `task`, is told of the runs around it."""
    entries = [{"file": level.file, "pid": level.pid, "task": _name(level.task)} for level in _levels if level.file]
    if entries and task is not None:
        entries[-1]["task"] = _name(task)
    return [{**entry, "here": entry["pid"] == os.getpid()} for entry in entries]


def inherit(entries: Sequence[dict[str, Any]]) -> None:
    """In a program of its own: takes over what its description tells."""
    # pids are those of the machine that wrote the description, and never this process's
    _levels[:] = [_Level(entry["file"], 0, entry["task"]) for entry in entries]


def _name(task: Task | str | None) -> str | None:
    return name(task) if isinstance(task, Task) else task

"""Running tasks without the engine, for the unit tests of an analysis."""

from __future__ import annotations

from typing import Any

from .structure import flatten, getpaths


class MissingOutputError(AssertionError):
    """A task returned from run() without having made what it says it makes."""


class MissingInputError(AssertionError):
    """A task is not complete and is not run either: what it needs is external or was left out."""


def run_task(task: Any, dependencies: bool = False) -> Any:
    """Runs one task in this process and returns its output(), checked to exist.

    It runs although it may be complete. With `dependencies`, what it requires and is not complete runs first, each
    task once; otherwise it has to be there. Dynamic requirements are treated the same way. What run() raises comes
    through.
    """
    _run(task, dependencies, set())
    return task.output()


def _run(task: Any, dependencies: bool, done: set[Any]) -> None:
    if task in done:
        return
    done.add(task)
    _provide(task.deps(), task, dependencies, done)
    if task.run is None or task.run is NotImplemented:
        raise MissingInputError(f"{task!r} is external and cannot be run: its outputs have to be there")
    steps = task.run()
    if hasattr(steps, "send"):
        _drive(steps, task, dependencies, done)
    missing = [output for output in flatten(task.output()) if not output.exists()]
    if missing:
        raise MissingOutputError(f"{task!r} returned from run() but did not make {', '.join(map(str, missing))}")


def _provide(required: list[Any], task: Any, dependencies: bool, done: set[Any]) -> None:
    for dependency in required:
        if dependency in done or dependency.complete():
            continue
        if not dependencies:
            raise MissingInputError(
                f"{task!r} requires {dependency!r}, which is not complete; dependencies=True runs it"
            )
        _run(dependency, dependencies, done)


def _drive(steps: Any, task: Any, dependencies: bool, done: set[Any]) -> None:
    """Sends a generator the outputs of what it asks for, until it ends."""
    answer: Any = None
    while True:
        try:
            wanted = steps.send(answer)
        except StopIteration:
            return
        struct = getattr(wanted, "requirements", wanted)
        _provide(flatten(struct), task, dependencies, done)
        answer = getpaths(struct)

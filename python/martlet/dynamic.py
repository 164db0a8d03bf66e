"""Requirements that are only found out while a task runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .lazy import Lazy
from .structure import flatten, getpaths
from .targets.together import all_exist

Check = Callable[[Any], bool]
"""Whether one task is complete."""


class DynamicRequirements:
    """What run() may yield instead of bare tasks, to say how the completeness of many is found out at once.

    `custom_complete` is called with a function that tells of one task whether it is complete, and answers for all.
    """

    def __init__(self, requirements: Any, custom_complete: Callable[[Check], bool] | None = None) -> None:
        self.requirements = requirements
        self.custom_complete = custom_complete

    flat_requirements = Lazy(lambda self: flatten(self.requirements))
    paths = Lazy(lambda self: getpaths(self.requirements))

    def complete(self, complete_fn: Check | None = None) -> bool:
        """Whether all of them are complete; `complete_fn` tells of a single one, its own complete() if None."""
        check = complete_fn if complete_fn is not None else _complete
        if self.custom_complete is not None:
            return self.custom_complete(check)
        if complete_fn is None and len(self.flat_requirements) > 1:
            return _all_complete(self.flat_requirements)
        return all(check(task) for task in self.flat_requirements)


def _all_complete(tasks: Any) -> bool:
    """The outputs of all whose completeness is that they exist are looked at together."""
    from .task import plain_completion  # which imports this module

    outputs: list[Any] = []
    for task in tasks:
        plain = plain_completion(type(task)) and "complete" not in task.__dict__
        made = flatten(task.output()) if plain else []
        if made:
            outputs += made
        elif not task.complete():
            return False
    return all_exist(outputs)


def _complete(task: Any) -> bool:
    return bool(task.complete())

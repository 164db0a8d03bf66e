"""What a process has learnt that was forked before tasks were planned which it is to run."""

from __future__ import annotations

import pickle
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from ..recipe import recipe_of

if TYPE_CHECKING:
    from ..recipe import Recipe
    from ..task import Task

    Lesson = tuple[int, list[tuple[int, tuple[Any, ...]] | None], bytes, bytes, bytes]


class Pupil:
    """What a process has learnt, that was forked before tasks were planned which it is to run."""

    def __init__(self, classes: Sequence[type[Task]]) -> None:
        self._classes = classes
        self._recipes: dict[int, tuple[int, tuple[Any, ...]]] = {}
        self._needs: dict[int, array[int]] = {}
        self._by_class: dict[type[Task], Recipe] = {}

    def learn(self, text: bytes) -> None:
        """Takes a lesson in: the number of the first new task; of each new task the number of its class and its values,
        None for one that cannot be made here; of those tasks that need others their numbers, how many each needs, and
        which, as columns of int32."""
        lesson: Lesson = pickle.loads(text)
        first, new, *columns = lesson
        self._recipes.update((first + place, recipe) for place, recipe in enumerate(new) if recipe is not None)
        indices, counts, dependencies = (array("i", column) for column in columns)
        at = 0
        for index, count in zip(indices, counts, strict=True):
            self._needs[index] = dependencies[at : at + count]
            at += count

    def task(self, index: int) -> Task:
        """A task that was taught: the one instance of its class with these values. Raises KeyError for any other."""
        number, values = self._recipes.pop(index)
        cls = self._classes[number]
        recipe = self._by_class.get(cls)
        if recipe is None:
            recipe = self._by_class[cls] = recipe_of(cls)
        instances = cls.cached_instances()
        if instances is None:
            return cast("Task", recipe.refill(values))
        try:
            known = instances.get(values)
        except TypeError:  # a value that cannot be hashed: such tasks are made anew each time
            return cast("Task", recipe.refill(values))
        if known is None:
            known = instances[values] = recipe.refill(values)
        return cast("Task", known)

    def needs(self, index: int) -> array[int] | None:
        """The numbers of what a task needs, where a lesson said so."""
        return self._needs.get(index)

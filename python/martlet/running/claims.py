"""Tells the engine what it needs to share work with other runs: names of tasks, and whether they are complete."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..recipe import recipe_of
from ..task import Task

if TYPE_CHECKING:
    from .._bridge import Run
    from .plan import Planner


class Claims:
    """The Python side of claims: chunks of tasks cross the bridge, never one."""

    def __init__(self, run: Run, planner: Planner) -> None:
        self._run = run
        self._planner = planner
        self._naming: dict[type[Task], Callable[[Task], str]] = {}

    def claim(self) -> None:
        """Names the tasks that the engine wants to claim."""
        tasks, naming = self._planner.tasks, self._naming
        names = []
        for index in array("i", self._run.to_claim()):
            task = tasks[index]
            cls = type(task)
            name_of = naming.get(cls) or naming.setdefault(cls, _naming(cls))
            names.append(name_of(task))
        self._run.claim(names)

    def look_again(self) -> None:
        """Says of tasks that another run had to do with whether they are complete by now."""
        indices = array("i", self._run.to_look_at())
        self._run.looked(self._planner.look_again(indices))


def name(task: Task) -> str:
    """What a task is called among runs."""
    return _naming(type(task))(task)


def _naming(cls: type[Task]) -> Callable[[Task], str]:
    """How tasks of a class are named among runs: by what their ids are made of, without the digest in the id."""
    if cls.task_id is not Task.task_id:
        return lambda task: str(task.task_id)
    recipe = recipe_of(cls)
    family = cls.get_task_family() + "\0"
    identifying = [(i, serialize) for i, _, serialize in recipe.identifying]
    names_of_recipe = recipe.names

    def named(task: Any) -> str:
        if task._names is not names_of_recipe or not recipe.plain_text:
            texts = task.to_str_params(only_significant=True, only_public=True)
            return family + "\0".join([str(texts[key]) for key in sorted(texts)])
        values = task._values
        return family + "\0".join([serialize(values[i]) for i, serialize in identifying])

    return named

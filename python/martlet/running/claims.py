"""Tells the engine what it needs to share work with other runs: names of tasks, and whether they are complete."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..compiled import define
from ..recipe import is_serialised_by_str, recipe_of
from ..task import Task

if TYPE_CHECKING:
    from .._bridge import Run
    from .plan import Planner


class Claims:
    """The Python side of claims: chunks of tasks cross the bridge, never one."""

    def __init__(self, run: Run, planner: Planner) -> None:
        self._run = run
        self._planner = planner
        self._names = Names()

    def claim(self) -> None:
        """Names the tasks that the engine wants to claim."""
        tasks, name_of = self._planner.tasks, self._names.of
        names = []
        for index in array("i", self._run.to_claim()):
            try:
                names.append(name_of(tasks[index]))
            except Exception:  # user code: whoever needs the name for more tells of it
                names.append(f"{os.getpid()}\0{id(self)}\0{index}")
        self._run.claim(names)

    def look_again(self) -> None:
        """Says of tasks that another run had to do with whether they are complete by now."""
        indices = array("i", self._run.to_look_at())
        self._run.looked(self._planner.look_again(indices))


class Names:
    """What tasks are called among runs. How those of a class are named is found out once."""

    def __init__(self) -> None:
        self._naming: dict[type[Task], Callable[[Task], str]] = {}

    def of(self, task: Task) -> str:
        """Raises whatever a parameter of the user's raises."""
        cls = type(task)
        name_of = self._naming.get(cls) or self._naming.setdefault(cls, _naming(cls))
        return name_of(task)


def name(task: Task) -> str:
    """What a task is called among runs."""
    return _naming(type(task))(task)


def _naming(cls: type[Task]) -> Callable[[Task], str]:
    """How tasks of a class are named among runs: by what their ids are made of, without the digest in the id."""
    if cls.task_id is not Task.task_id:
        return lambda task: str(task.task_id)
    recipe = recipe_of(cls)
    family = cls.get_task_family()

    def by_general_rules(task: Any) -> str:
        texts = task.to_str_params(only_significant=True, only_public=True)
        return "\0".join([family, *(str(texts[key]) for key in sorted(texts))])

    if not recipe.plain_text:
        return by_general_rules
    scope: dict[str, Any] = {"names": recipe.names, "family": family, "by_general_rules": by_general_rules}
    texts = []
    for i, name, serialize in recipe.identifying:
        scope[f"serialize{i}"] = serialize
        texts.append(f"{'str' if is_serialised_by_str(recipe.by_name[name]) else f'serialize{i}'}(values[{i}])")
    source = (
        "def named(task):\n"
        "    if task._names is not names:\n"
        "        return by_general_rules(task)\n"
        "    values = task._values\n"
        f"    return '\\0'.join(({', '.join(['family', *texts])},))\n"
    )
    define(source, f"name of {cls.__qualname__}", scope)
    named: Callable[[Task], str] = scope["named"]
    return named

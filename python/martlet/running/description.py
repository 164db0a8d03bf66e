"""A task as text, for a process that does not have it, and back."""

from __future__ import annotations

import importlib
from typing import Any

from ..register import Register, TaskClassException
from ..task import Task


def describe(task: Task) -> dict[str, Any]:
    """Where the task's class is found, and its parameters. Private parameters are left out, as luigi leaves them."""
    return {
        "module": type(task).__module__,
        "family": task.task_family,
        "task": task.task_id,
        "params": task.to_str_params(),
    }


def rebuild(description: dict[str, Any]) -> Task:
    """The task that was described.

    Raises LookupError when its class is not found, ValueError when the task is another one here, and whatever the
    user's module or class raises.
    """
    family = description["family"]
    try:
        cls: Any = Register.get_task_cls(family)
    except TaskClassException:
        importlib.import_module(description["module"])
        try:
            cls = Register.get_task_cls(family)
        except TaskClassException as error:
            raise LookupError(f"{description['module']} defines no task {family}") from error
    task: Task = cls.from_str_params(description["params"])
    if task.task_id != description["task"]:
        raise ValueError(f"it is {task.task_id} in this process and {description['task']} in the other")
    return task

"""A task as text, for a process that does not have it, and back."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ..parameters.base import Parameter
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
    task = remade(cls, description["params"])
    if task.task_id != description["task"]:
        raise ValueError(f"it is {task.task_id} in this process and {description['task']} in the other")
    return task


def remade(cls: type[Task], texts: Mapping[str, str]) -> Task:
    """The task whose parameters have these texts.

    A parameter takes any value, not only those of its type: that of `FloatParameter(default=30)` is 30, its text "30",
    and so is it in the task's id, which 30.0 would make another. Raises whatever the class does.
    """
    return cls(**{name: _value(parameter, texts[name]) for name, parameter in cls.get_params() if name in texts})


def _value(parameter: Parameter[Any], text: str) -> Any:
    trouble: Exception | None = None
    parsed: Any = None
    try:
        parsed = parameter.parse(text)
    except Exception as error:
        trouble = error
    else:
        if _has_text(parameter, parsed, text):
            return parsed
    for kind in (int, float, str):
        with suppress(ValueError):
            value = kind(text)
            if _has_text(parameter, value, text):
                return value
    if trouble is not None:
        raise trouble
    return parsed


def _has_text(parameter: Parameter[Any], value: Any, text: str) -> bool:
    try:
        return bool(parameter.serialize(value) == text)
    except Exception:  # a type that it does not expect
        return False

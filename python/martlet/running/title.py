"""What a task is called in messages."""

from __future__ import annotations

from typing import Any

from ..parameters.base import ParameterVisibility
from ..task import Task

_LONGEST = 200
"""Characters; of longer titles the middle is left out."""


def title(task: object) -> str:
    """The task as an analyst writes it: its repr(), on one line, without control characters and private parameters.

    Its family where the user's own repr() raises: a name must not end a run.
    """
    try:
        usual = isinstance(task, Task) and type(task).__repr__ is Task.__repr__
        text = _public(task) if usual else repr(task)
    except Exception as error:  # user code
        return f"{type(task).__name__}(repr() raised {type(error).__name__})"
    if not text.isprintable():
        text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST - 50]}…{text[-49:]}"
    return text


def _public(task: Any) -> str:
    """What Task's own repr() says, but for parameters that nobody is to see."""
    params = task.get_params()
    if all(parameter.visibility != ParameterVisibility.PRIVATE for _, parameter in params):
        return repr(task)
    values = task.param_kwargs
    shown = [
        f"{name}={parameter.serialize(values[name])}"
        for name, parameter in params
        if parameter.significant and parameter.visibility != ParameterVisibility.PRIVATE
    ]
    return f"{task.get_task_family()}({', '.join(shown)})"

"""What a task is, as the members of its report that only Python knows."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Sequence
from json.encoder import encode_basestring as quote
from typing import Any

from .. import user_frames
from ..identity import id_of_texts
from ..parameters.base import ParameterVisibility
from ..recipe import recipe_of
from ..task import Task
from .title import title

_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_MOST_INPUTS = 16
"""Dependencies are named in a report up to this many; beyond, they are counted."""

Outputs = Sequence[tuple[str, int, int]]
"""(path, size in bytes, modification time in nanoseconds since 1970-01-01 UTC)"""


class Describer:
    """Describes tasks by what is compiled once a class: parameters are serialised once, for the id and the report.

    Good as long as its tasks' classes keep their parameters: one run.
    """

    def __init__(self) -> None:
        self._by_class: dict[type[Task], Callable[[Task], str]] = {}

    def members(self, index: int, task: Task, outputs: Outputs = (), inputs: Sequence[Task] | array[int] = ()) -> str:
        """The members of a JSON object, without its braces. `inputs`: tasks, or many of them by their numbers.

        A task that cannot be described is described by that.
        """
        cls = type(task)
        describe = self._by_class.get(cls)
        if describe is None:
            describe = self._by_class[cls] = _compiled(cls)
        try:
            text = describe(task)
            if outputs:
                text += _outputs(outputs)
            if inputs:
                text += _inputs(inputs)
            return text
        except Exception as error:  # user code: serialize(), a property
            return encode(
                {
                    "task": f"{cls.__name__}_{index}",
                    "family": cls.__name__,
                    "params": {},
                    "title": f"{cls.__name__} that cannot be described: {user_frames.one_line(error)}",
                }
            )


def encode(members: dict[str, Any]) -> str:
    """The members of a JSON object, without its braces."""
    return _ENCODER.encode(members)[1:-1]


def names_its_inputs(dependencies: Sequence[int]) -> bool:
    """Whether so few dependencies are named in a report one by one."""
    return len(dependencies) <= _MOST_INPUTS


def _outputs(outputs: Outputs) -> str:
    return ',"outputs":[' + ",".join([f"[{quote(path)},{size},{time}]" for path, size, time in outputs]) + "]"


def _inputs(inputs: Sequence[Task] | array[int]) -> str:
    if isinstance(inputs, array):
        return f',"needs":{len(inputs)}'
    return ',"inputs":[' + ",".join([quote(task.task_id) for task in inputs]) + "]"


def _compiled(cls: type[Task]) -> Callable[[Task], str]:
    recipe = recipe_of(cls)
    if not (recipe.standard and recipe.plain_text and cls.task_id is Task.task_id):
        return _by_general_rules
    public = [
        (f"{quote(name)}:", parameter.serialize, i)
        for i, (name, parameter) in enumerate(recipe.pairs)
        if parameter.visibility == ParameterVisibility.PUBLIC
    ]
    places = {i: place for place, (_, _, i) in enumerate(public)}
    identifying = [(name, places[i]) for i, name, _ in recipe.identifying]
    names, order = [name for name, _ in identifying], [place for _, place in identifying]
    family, names_of_recipe = recipe.family, recipe.names
    middle = f',"family":{quote(family)},"params":{{'
    titled = not _title_follows(cls)

    def describe(task: Task) -> str:
        if task._names is not names_of_recipe:  # made before its class was changed
            return _by_general_rules(task)
        values = task._values
        texts = [serialize(values[i]) for _, serialize, i in public]
        try:
            params = ",".join([name + quote(text) for (name, _, _), text in zip(public, texts, strict=True)])
        except TypeError:  # a serialize() that gives no text
            return _by_general_rules(task)
        task_id = task.__dict__.get("task_id") or id_of_texts(family, names, [texts[place] for place in order])
        text = f'"task":{quote(task_id)}{middle}{params}}}'
        return f'{text},"title":{quote(title(task))}' if titled else text

    return describe


def _by_general_rules(task: Task) -> str:
    members: dict[str, Any] = {
        "task": task.task_id,
        "family": task.task_family,
        "params": task.to_str_params(only_significant=False, only_public=True),
    }
    if not _title_follows(type(task)):
        members["title"] = title(task)
    return encode(members)


def _title_follows(cls: type[Task]) -> bool:
    """Whether a reader can make the title from family and parameters: then reports leave it out."""
    return cls.__repr__ is Task.__repr__ and all(
        parameter.significant and parameter.visibility == ParameterVisibility.PUBLIC
        for _, parameter in cls.get_params()
    )

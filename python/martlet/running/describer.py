"""What a task is, as the members of its report that only Python knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from json.encoder import encode_basestring as quote
from typing import Any

from .. import user_frames
from ..compiled import define
from ..identity import (
    ONLY_PLAIN_ASCII,
    TASK_ID_INCLUDE_PARAMS,
    TASK_ID_TRUNCATE_HASH,
    TASK_ID_TRUNCATE_PARAMS,
    id_of_texts,
    md5,
    task_id,
)
from ..parameters.base import ParameterVisibility
from ..recipe import is_serialised_by_str, recipe_of
from ..task import Task
from .title import title

_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_MOST_INPUTS = 16
"""Dependencies are named in a report up to this many; beyond, they are counted."""

_MOST_IDS = 1024

Outputs = Sequence[tuple[str, int, int] | tuple[str, int, int, str]]
"""(path, size in bytes, modification time in nanoseconds since 1970-01-01 UTC, a checksum where one was asked for)"""
Inputs = Sequence[Task] | Mapping[str, int]
"""What a task needs: few of them one by one, of many how many there are of each family."""


class Describer:
    """Describes tasks by what is compiled once a class: parameters are serialised once, for the id and the report.

    Good as long as its tasks' classes keep their parameters: one run.
    """

    def __init__(self) -> None:
        self._by_class: dict[type[Task], Callable[[Task], str]] = {}
        self._ids: dict[int, tuple[Task, str]] = {}
        """Ids of tasks that were described lately, by the objects' numbers: as inputs they are named again."""

    def members(self, index: int, task: Task, outputs: Outputs = (), inputs: Inputs = ()) -> str:
        """The members of a JSON object, without its braces.

        A task that cannot be described is described by that.
        """
        cls = type(task)
        try:
            text = self.of(cls)(task)
            if outputs:
                text += _outputs(outputs)
            if inputs:
                text += self._inputs(inputs)
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

    def of(self, cls: type[Task]) -> Callable[[Task], str]:
        """What describes tasks of a class, without outputs and inputs; raises whatever the class does."""
        describe = self._by_class.get(cls)
        if describe is None:
            describe = self._by_class[cls] = _compiled(cls, self._ids)
        return describe

    def _inputs(self, inputs: Inputs) -> str:
        if isinstance(inputs, Mapping):
            return f',"needs":{_ENCODER.encode(dict(inputs))}'
        ids = []
        for task in inputs:
            known = self._ids.get(id(task))
            # not by the attribute: an id that a task keeps costs more memory than the task
            ids.append(quote(known[1] if known else task.__dict__.get("task_id") or _id_of(task)))
        return ',"inputs":[' + ",".join(ids) + "]"


def _id_of(task: Task) -> str:
    return task_id(task) if type(task).task_id is Task.task_id else task.task_id


def encode(members: dict[str, Any]) -> str:
    """The members of a JSON object, without its braces."""
    return _ENCODER.encode(members)[1:-1]


def names_its_inputs(dependencies: Sequence[int]) -> bool:
    """Whether so few dependencies are named in a report one by one."""
    return len(dependencies) <= _MOST_INPUTS


def _outputs(outputs: Outputs) -> str:
    if len(outputs) == 1:  # by far the most tasks
        return f',"outputs":[{_output(*outputs[0])}]'
    return ',"outputs":[' + ",".join([_output(*output) for output in outputs]) + "]"


def _output(path: str, size: int, time: int, checksum: str = "") -> str:
    return f"[{quote(path)},{size},{time},{quote(checksum)}]" if checksum else f"[{quote(path)},{size},{time}]"


def _compiled(cls: type[Task], ids: dict[int, tuple[Task, str]]) -> Callable[[Task], str]:
    """The function that describes tasks of a class, written out: a text is serialised, and quoted, once."""
    recipe = recipe_of(cls)
    if not (recipe.standard and recipe.plain_text and cls.task_id is Task.task_id):
        return _by_general_rules
    public = [
        (i, name, parameter)
        for i, (name, parameter) in enumerate(recipe.pairs)
        if parameter.visibility == ParameterVisibility.PUBLIC
    ]
    identifying = [(i, name) for i, name, _ in recipe.identifying]
    scope: dict[str, Any] = {
        "names_of_recipe": recipe.names,
        "ids": ids,
        "general": _by_general_rules,
        "quote": quote,
        "title": title,
        "md5": md5(),
        "only_plain": ONLY_PLAIN_ASCII,
        "id_of_texts": id_of_texts,
        "family": recipe.family,
        "names": [name for _, name in identifying],
        "middle": f',"family":{quote(recipe.family)},"params":{{',
        **{f"serialize{i}": parameter.serialize for i, _, parameter in public},
    }
    lines = _source([(i, name, is_serialised_by_str(parameter)) for i, name, parameter in public], identifying)
    lines.append("return text" if _title_follows(cls) else "return text + ',\"title\":' + quote(title(task))")
    source = "def describe(task):\n" + "".join(f"    {line}\n" for line in lines)
    define(source, f"description of {cls.__qualname__}", scope)
    describe: Callable[[Task], str] = scope["describe"]
    return describe


def _source(public: Sequence[tuple[int, str, bool]], identifying: Sequence[tuple[int, str]]) -> list[str]:
    """The lines that make `text`, from the place and name of each parameter, and whether str() serialises it."""
    beginnings = [f"text{i}[:{TASK_ID_TRUNCATE_PARAMS}]" for i, _ in identifying[:TASK_ID_INCLUDE_PARAMS]]
    summary = " + '_' + ".join(beginnings) or "''"
    canonical = "{{" + _members(identifying) + "}}"
    text = '"task":{quote(task_id)}{middle}' + _members([(i, name) for i, name, _ in public]) + "}}"
    return [
        "if task._names is not names_of_recipe:",
        "    return general(task)",
        "values = task._values",
        *[f"text{i} = {'str' if plain else f'serialize{i}'}(values[{i}])" for i, _, plain in public],
        "try:",
        "    pass",
        *[f"    quoted{i} = quote(text{i})" for i, *_ in public],
        "except TypeError:  # a serialize() that gives no text",
        "    return general(task)",
        "task_id = task.__dict__.get('task_id')",
        "if task_id is None:",
        f"    canonical = f{canonical!r}",
        # beyond these characters the canonical form escapes what a report keeps
        "    if canonical.isascii() and '\\x7f' not in canonical:",
        # `id_of_canonical`, spelled out: half of the time here
        "        digest = md5(canonical.encode()).hexdigest()",
        f"        plain = ({summary}).encode().translate(only_plain).decode()",
        f"        task_id = f'{{family}}_{{plain}}_{{digest[:{TASK_ID_TRUNCATE_HASH}]}}'",
        "    else:",
        f"        texts = [{', '.join(f'text{i}' for i, _ in identifying)}]",
        "        task_id = id_of_texts(family, names, texts)",
        f"if len(ids) > {_MOST_IDS}:",
        "    ids.clear()",
        "ids[id(task)] = task, task_id",
        f"text = f{text!r}",
    ]


def _members(parameters: Sequence[tuple[int, str]]) -> str:
    """The parameters as members of a JSON object without its braces, in the inside of an f-string."""
    names = [f"{quote(name)}:".replace("{", "{{").replace("}", "}}") for _, name in parameters]
    return ",".join([f"{name}{{quoted{i}}}" for name, (i, _) in zip(names, parameters, strict=True)])


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

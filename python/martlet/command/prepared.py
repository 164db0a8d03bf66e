"""A command as it is run: placeholders filled in, outputs under temporary names."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..structure import getpaths
from ..targets.base import Target
from ..targets.temporary import temporary_name
from .places import Places, targets_of
from .shell import command_of
from .template import Field, TemplateError, item, text_of, words_of

if TYPE_CHECKING:
    from .staged import Staged
    from .task import CommandTask


class Prepared(NamedTuple):
    """What there is to run."""

    command: list[str]
    directory: str | None
    variables: dict[str, str]
    outputs: list[tuple[str, str]]
    """(temporary path, the output's own), in order; of those on this machine."""
    log: str | None
    staged: Staged | None = None
    """What lies in stores; None where all is here."""


def prepare(task: CommandTask) -> Prepared:
    """The command of a task. Raises what command() raises, TypeError and ValueError for what cannot be run."""
    directory = None if task.cwd is None else os.path.abspath(os.fspath(task.cwd))
    values = Values(task, absolute=directory is not None)
    command = _command(task, values)
    variables = _variables(task.env, values)
    values.check_named()
    log = None if task.log is None else os.path.abspath(os.fspath(task.log))
    return Prepared(command, directory, variables, values.outputs(), log, values.places.staged())


def shown(task: Any) -> str:
    """The command as people may read it: outputs under their own names."""
    import shlex  # only those who look need it

    return shlex.join(_command(task, Values(task, absolute=task.cwd is not None, plainly=True)))


class Values:
    """What placeholders stand for in the texts of one task."""

    def __init__(self, task: CommandTask, *, absolute: bool, plainly: bool = False) -> None:
        """`absolute`: the command starts elsewhere, so that paths must not be relative. `plainly`: outputs are under
        their own names."""
        self._task = task
        self._absolute = absolute
        self._output = task.output()
        self._input: Any = None
        self.places = Places(task.task_family, plainly)
        """Of files that lie in stores."""
        self._targets = targets_of(self._output)
        self.final = [self.places.of_output(target) for target in self._targets]
        """Where outputs are to be; of those in stores a local path that is stored from."""
        self.temporary = [path if plainly or self.places.holds(path) else _temporary(path) for path in self.final]
        self._numbers = {id(target): number for number, target in enumerate(self._targets)}
        self._named: set[int] = set()

    def outputs(self) -> list[tuple[str, str]]:
        """(temporary path, the output's own) of the outputs on this machine, in order."""
        pairs = zip(self.temporary, self.final, strict=True)
        return [(temporary, path) for temporary, path in pairs if not self.places.holds(path)]

    def resolve(self, field: Field) -> Sequence[str]:
        """What a placeholder stands for. Raises TemplateError when there is no such thing."""
        name = field.name
        if name == "output":
            return self._paths(item(self._output, field, self._what_there_is), "output")
        if name == "input":
            if self._input is None:
                self._input = getpaths(self._task.requires())
            return self._paths(item(self._input, field, self._what_there_is), "input")
        for known, parameter in self._task.get_params():
            if known == name:
                self._no_keys(field)
                return (parameter.serialize(getattr(self._task, name)),)
        if name == "cores":
            self._no_keys(field)
            return (f"{self._task.cores:g}",)
        from ..diagnostics import did_you_mean  # needed by mistakes alone

        hint = did_you_mean(name, self._names()) or self._what_there_is()
        raise TemplateError(f"there is no {{{name}}}: {hint}; write {{{{{name}}}}} for braces of the command's own")

    def path(self, target: Target) -> str:
        """The path of a target that stands in the command itself."""
        number = self._numbers.get(id(target))
        if number is None and target in self._targets:
            number = self._targets.index(target)
        if number is None:
            return self._written(self.places.of_input(target, "command()"))
        self._named.add(number)
        return self._written(self.temporary[number])

    def check_named(self) -> None:
        """Raises TemplateError for an output that the command was not told of: nothing else becomes one."""
        for number, path in enumerate(self.final):
            if number not in self._named:
                shown = str(self._targets[number]) if self.places.holds(path) else path
                name = "{output}" if len(self.final) == 1 else f"its place for {shown}, such as {{output[{number}]}}"
                raise TemplateError(
                    f"the command does not name {name}: it is to write there, and what it wrote becomes {shown} when "
                    "it has ended well"
                )

    def _paths(self, struct: Any, what: str) -> list[str]:
        if what == "output":
            return [self.path(target) for target in targets_of(struct)]
        return [self._written(self.places.of_input(target, "input")) for target in targets_of(struct)]

    def _written(self, path: str) -> str:
        if self._absolute and path[:1] != "/":
            return os.path.abspath(path) + _slashes(path)
        return "./" + path if path[:1] == "-" else path  # no program must take it for a flag

    def _no_keys(self, field: Field) -> None:
        if field.keys:
            raise TemplateError(f"there is no {field}: {{{field.name}}} has no keys")

    def _names(self) -> list[str]:
        return ["output", "input", "cores", *(name for name, _ in self._task.get_params())]

    def _what_there_is(self) -> str:
        return "there is " + ", ".join(f"{{{name}}}" for name in self._names())


def _temporary(path: str) -> str:
    return temporary_name(path) + _slashes(path)


def _slashes(path: str) -> str:
    """The slashes that a path ends with: it is meant as a directory."""
    return path[len(path.rstrip("/")) :]


def _command(task: CommandTask, values: Values) -> list[str]:
    said = task.command()
    if isinstance(said, str):
        words = command_of(said, task.shell, values.resolve)
    elif isinstance(said, (list, tuple)):
        words = []
        for one in said:
            if isinstance(one, str):
                words += words_of(one, values.resolve)
            else:
                words.append(_argument(one, values))
    else:
        raise TypeError(f"command() returned {said!r:.80}: a list of arguments or a shell line was expected")
    if not words or not words[0]:
        raise ValueError("command() returned nothing to run")
    if any("\0" in word for word in words):
        raise ValueError("command() returned an argument with a NUL character, which no program can be given")
    return words


def _argument(one: Any, values: Values) -> str:
    if isinstance(one, Target):
        return values.path(one)
    if isinstance(one, os.PathLike):
        return os.fsdecode(one)
    if isinstance(one, (int, float)) and not isinstance(one, bool):
        return str(one)
    raise TypeError(f"command() returned the argument {one!r:.80}: text, a path, a target or a number was expected")


def _variables(env: Mapping[str, Any], values: Values) -> dict[str, str]:
    variables = {}
    for name, value in env.items():
        if not name or "=" in name or "\0" in name:
            raise ValueError(f"env: {name!r} is no name of a variable")
        text = text_of(value, values.resolve) if isinstance(value, str) else _argument(value, values)
        if "\0" in text:
            raise ValueError(f"env: the value of {name} holds a NUL character")
        variables[name] = text
    return variables

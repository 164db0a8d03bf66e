"""luigi's command-line grammar: a task anywhere, `--parameter` and `--Family-parameter`, prefixes, run flags."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Sequence
from typing import Any, NoReturn

from ..diagnostics import Code, Diagnostic, MartletError, did_you_mean
from . import classes, flags

_TASK = "martlet task"
_FLAG = "martlet flag "
_LOCAL = "martlet local "
_GLOBAL = "martlet global "


class Request:
    """A command line, taken apart."""

    def __init__(self, task: Any = None) -> None:
        self.task = task
        """The class of the task, None when none is named."""
        self.flags: dict[str, Any] = {}
        """Run flags that were given, by name."""
        self.texts: dict[str, str] = {}
        """The root task's parameters by name."""
        self.family_texts: dict[tuple[str, str], str] = {}
        """Parameters given as --Family-parameter, by family and name."""

    def given(self, name: str) -> bool:
        return bool(self.flags.get(name))


class _Parser(argparse.ArgumentParser):
    """argparse without its exits; abbreviations mean the root task's own parameters first, then flags of the run."""

    def __init__(self) -> None:
        super().__init__(add_help=False, conflict_handler="resolve", argument_default=argparse.SUPPRESS)
        # every add_argument() makes a formatter, which without a width asks the terminal for one
        self.formatter_class = functools.partial(argparse.HelpFormatter, width=80)
        self.task_known = False
        """Until it is, an ambiguous abbreviation may still turn out to be a parameter of the task."""

    def error(self, message: str) -> NoReturn:
        argument, colon, what = message.partition(": ")
        if message.startswith("argument ") and colon:
            flag = argument.removeprefix("argument ").split("/")[0]
            raise MartletError(Diagnostic(Code.FLAG_VALUE, flag, what, _way_out(flag, what)))
        raise MartletError(Diagnostic(Code.USAGE, "", message))

    def _get_option_tuples(self, option_string: str) -> list[Any]:
        matches: list[Any] = super()._get_option_tuples(option_string)
        own = [match for match in matches if match[0].dest.startswith(_LOCAL)]
        plain = [match for match in matches if not match[1].startswith("--martlet-")]
        chosen = own or [match for match in plain if match[0].dest.startswith(_FLAG)] or plain or matches
        if len({id(match[0]) for match in chosen}) == 1:
            return chosen[:1]
        return chosen if self.task_known else []


def _way_out(flag: str, complaint: str) -> str:
    """What helps against a complaint of argparse; empty where the usual hint does."""
    if complaint == "expected one argument":
        return f"a value that begins with a dash is joined with =: {flag}=-1"
    if complaint.startswith("ignored explicit argument"):
        return f"{flag} is a switch: it takes no value, and is off where it is not given"
    return ""


def parse(arguments: Sequence[str]) -> Request:
    """Takes a command line apart; the task classes must be imported already (or come by --module)."""
    module = _module(arguments)
    if module:
        from .script import import_module

        import_module(module)
    words = _dashed(arguments)
    parser = _parser(words)
    known, rest = parser.parse_known_args(words)
    name = _task_name(vars(known).get(_TASK), rest)
    if name is None or not name.replace(".", "").isidentifier():
        # what looks like the task may be the value of a flag that does not exist
        _refuse_unknown(rest, None)
    if name is None:
        return _request(vars(known), None)
    task = classes.task_class(name)
    parser.task_known = True
    infos = classes.parameters(task)
    for info in infos:
        parser.add_argument(info.local_flag, dest=_LOCAL + info.name, **info.parser_arguments())
    words = _dashed(arguments, [info.local_flag for info in infos])
    known, rest = parser.parse_known_args(words)
    _refuse_unknown([word for word in rest if word != name], task)
    return _request(vars(known), task)


def parse_flags(arguments: Sequence[str]) -> tuple[Request, list[str]]:
    """Only the run flags, when no task classes are known yet; and what else there is."""
    known, rest = _parser([]).parse_known_args(list(arguments))
    words = vars(known)
    task = words.get(_TASK)
    return _request(words, None), ([task] if task else []) + rest


def _module(arguments: Sequence[str]) -> str:
    for position, argument in enumerate(arguments):
        if argument == "--module" and position + 1 < len(arguments):
            return arguments[position + 1]
        if argument.startswith("--module="):
            return argument.partition("=")[2]
    return ""


def _parser(words: Sequence[str]) -> _Parser:
    """Run flags, the task's name, and those --Family-parameter flags that the words can mean."""
    parser = _Parser()
    parser.add_argument(_TASK, nargs="?")
    own: set[str] = set()
    for flag in flags.ALL:
        action = ("append" if flag.repeatable else "store") if flag.metavar else "store_true"
        parser.add_argument(*flag.spellings, dest=_FLAG + flag.name, action=action)
        own.update(flag.spellings)
    # an argument can only be (a prefix of) a flag that starts with it: making all of them would be slow
    begins = tuple(word.partition("=")[0] for word in words if word.startswith("--") and len(word) > 2)
    if begins:
        classes.accept_offers(begins)
        for cls in classes.families(builtin=True).values():
            for info in classes.parameters(cls):
                if info.flag not in own and any(info.flag.startswith(begin) for begin in begins):
                    dest = f"{_GLOBAL}{info.family} {info.name}"
                    parser.add_argument(info.flag, dest=dest, **info.parser_arguments())
    return parser


def _dashed(arguments: Sequence[str], local: Sequence[str] = ()) -> list[str]:
    """The arguments with `_` written as `-` in the names of flags."""
    words: list[str] = []
    for argument in arguments:
        if words and words[-1] in flags.DEPTHS and argument[:1] == "-" and argument[1:2].isdigit():
            words[-1] += f"={argument}"  # -1,a: argparse takes it for a flag
            continue
        name, equals, value = argument.partition("=")
        is_flag = name.startswith("--") and "_" in name and " " not in name
        words.append(name.replace("_", "-") + equals + value if is_flag and name not in local else argument)
    return words


def _task_name(first: str | None, rest: Sequence[str]) -> str | None:
    """The task's name: the first bare word, or a later one if only that one is a task."""
    if first is None:
        return None
    known = classes.families(builtin=True)
    if first not in known and not classes.offered(first):
        return next((word for word in rest if word in known), first)
    return first


def _refuse_unknown(rest: Sequence[str], task: Any) -> None:
    unknown = next((word for word in rest if word.startswith("-") and word != "-"), None)
    if unknown is None:
        if rest:
            hint = f"the task is {task.get_task_family()}; write parameters as --name VALUE" if task else ""
            raise MartletError(Diagnostic(Code.USAGE, "", f"unexpected {rest[0]!r}", hint))
        return
    flag = unknown.partition("=")[0]
    run_flags = [name for known in flags.ALL if not known.luigi for name in known.names]
    if task is None:
        raise MartletError(Diagnostic(Code.UNKNOWN_FLAG, flag, "", did_you_mean(flag, run_flags)))
    own = [info.local_flag for info in classes.parameters(task)]
    hint = did_you_mean(flag, own) or did_you_mean(flag, [*own, *run_flags])
    hint = hint or f"its parameters are {', '.join(own)}" if own else hint or "it has no parameters"
    raise MartletError(Diagnostic(Code.UNKNOWN_PARAMETER, task.get_task_family(), flag, hint))


def _request(words: dict[str, Any], task: Any) -> Request:
    request = Request(task)
    for dest, value in words.items():
        # an empty text means "not given", as in luigi
        if not value:
            continue
        if dest.startswith(_FLAG):
            request.flags[dest.removeprefix(_FLAG)] = value
        elif dest.startswith(_LOCAL):
            request.texts[dest.removeprefix(_LOCAL)] = _text(value)
        elif dest.startswith(_GLOBAL):
            family, _, name = dest.removeprefix(_GLOBAL).partition(" ")
            request.family_texts[family, name] = _text(value)
    return request


def _text(value: object) -> str:
    return "true" if value is True else str(value)

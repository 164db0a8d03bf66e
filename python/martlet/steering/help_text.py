"""Help texts: of the program, of a script with its tasks, of a task with its parameters."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable
from typing import Any

from . import classes, flags
from .classes import ParameterInfo

_COLUMN = 30

PROGRAM = """\
usage: martlet run SCRIPT [TASK] [--parameter VALUE …] [flags]
       martlet config [--json] [SCRIPT]
       martlet doctor SCRIPT …
       martlet --version | --help

Runs a task of a script, and all that it requires and that is not there yet."""


def program() -> str:
    """Help of `martlet` and `martlet run` without a script."""
    ending = (
        "Exit codes: 0 complete, 1 a task failed, 2 usage, 3 external data missing, 4 broken, 5 internal, "
        "6 jobs are left, as --no-wait wants it, 130 interrupted."
    )
    return "\n\n".join([_wrapped(PROGRAM), _flags(), _wrapped(ending)])


def script(name: str, all_parameters: bool) -> str:
    """Help of a script: its tasks with the first line of their documentation, and the run flags."""
    families = classes.families()
    rows = [(family, classes.first_line(cls)) for family, cls in families.items()]
    parts = [f"usage: {name} TASK [--parameter VALUE …] [flags]", "tasks:\n" + _table(rows or [("(none)", "")])]
    general = [
        info
        for cls in classes.families(builtin=True).values()
        for info in classes.parameters(cls)
        if info.always_in_help and not info.without_family
    ]
    if general:
        parts.append("parameters of several tasks:\n" + _table(_parameter(info, info.flag) for info in general))
    if all_parameters:
        for family, cls in families.items():
            infos = classes.parameters(cls)
            if infos:
                parts.append(f"parameters of {family}:\n" + _table(_parameter(info, info.flag) for info in infos))
    return "\n\n".join([*parts, f"{name} TASK --help shows the parameters of a task.", _flags()])


def task(name: str, cls: Any) -> str:
    """Help of a task: its documentation and each parameter with what is expected and the default."""
    import inspect

    family = cls.get_task_family()
    infos = classes.parameters(cls)
    parts = [f"usage: {name} {family} [--parameter VALUE …] [flags]"]
    own = cls.__dict__.get("__doc__")
    if own:
        parts.append(inspect.cleandoc(own))
    rows = [_parameter(info, info.local_flag) for info in infos] or [("(none)", "")]
    parts.append(f"parameters of {family}:\n" + _table(rows))
    return "\n\n".join([*parts, _flags()])


def _parameter(info: ParameterInfo, flag: str) -> tuple[str, str]:
    takes_value = info.parser_arguments().get("action", "store") == "store"
    left = f"{flag} {info.name.upper()}" if takes_value else flag
    default = info.default_text
    if not takes_value:
        return left, f"{info.description} [a switch]".strip()
    facts = f"[{info.expected}; required]" if default is None else f"[{info.expected}; default: {default or repr('')}]"
    return left, f"{info.description} {facts}".strip()


def _flags() -> str:
    rows = []
    luigi: list[str] = []
    for flag in flags.ALL:
        if flag.luigi:
            luigi += flag.names
            continue
        value = f" {flag.metavar}" if flag.metavar else ""
        rows.append((", ".join(flag.names) + value, flag.help + (" (repeatable)" if flag.repeatable else "")))
    accepted = f"Accepted for luigi, without effect: {', '.join(luigi)}."
    clash = "A flag that is also a parameter of the task is written --martlet-NAME."
    return "flags:\n" + _table(rows) + "\n\n" + _wrapped(clash) + "\n" + _wrapped(accepted)


def width() -> int:
    """Columns to write to, at most 100."""
    return max(30, min(100, shutil.get_terminal_size((100, 24)).columns))


def _wrapped(text: str) -> str:
    wrapper = textwrap.TextWrapper(width(), subsequent_indent=" " * 7, break_on_hyphens=False)
    return "\n".join(piece for line in text.split("\n") for piece in wrapper.wrap(line) or [""])


def _table(rows: Iterable[tuple[str, str]]) -> str:
    columns = width()
    column = min(_COLUMN, columns // 2)
    lines: list[str] = []
    for left, right in rows:
        pieces = textwrap.wrap(right, max(20, columns - column)) or [""]
        if len(left) + 4 > column:
            lines.append("  " + left)
        else:
            lines.append(f"  {left:<{column - 2}}{pieces.pop(0)}".rstrip())
        lines += [" " * column + piece for piece in pieces if piece]
    return "\n".join(lines)

"""What the last word of a command line may become."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ..steering import flags, settings
from . import catalogue

SCRIPTS, FILES = "scripts", "files"
"""The shell looks for files itself: Python scripts, any."""

_ON_SCRIPTS = {
    "run": "Run a task with everything it needs",
    "graph": "Draw what a task needs",
    "status": "How families stand; of a script, what has changed",
    "deps": "What a task needs, as a tree",
    "outputs": "What tasks make, what is there, and where",
    "remove": "Remove outputs, after a question",
    "fetch": "Bring outputs to a folder",
    "gc": "Find files that no task owns",
}
"""Commands that take a script, a task and its parameters."""
_ON_TASKS = {
    "explain": "Why a task ran, failed or waits",
    "history": "Every execution of a task",
    "logs": "What a task printed",
    "reproduce": "Run a recorded task again and compare",
}
_OTHERS = {
    "reports": "What was recorded",
    "jobs": "Jobs that no run has collected yet",
    "estimate": "Time and disk of tasks",
    "config": "Each setting with its source",
    "doctor": "What an analysis of luigi or law uses",
    "completion": "The script of this completion",
}
_REPORTS = {
    "list": "A line for each task",
    "show": "Everything recorded of a task",
    "diff": "What differs between two reports",
    "verify": "Whether outputs are what tasks made",
    "compact": "Merge old files",
}
_JOBS = {
    "list": "How they are",
    "logs": "What they have printed",
    "cancel": "Cancel them",
    "resubmit": "Give their tasks others",
}
_JOB_FLAGS: dict[str, Sequence[str]] = {
    "list": ("--json",),
    "logs": ("--bytes", "--follow"),
    "cancel": ("--all",),
    "resubmit": ("--failed", "--job", "--dry-run", "--json"),
}
_FLAGS: dict[str, Sequence[str]] = {
    "graph": ("--format", "--output"),
    "status": ("--pattern", "--depth", "--json", "--state"),
    "deps": ("--depth", "--pattern", "--json", "--state"),
    "outputs": ("--depth", "--pattern", "--json", "--state"),
    "remove": ("--depth", "--mode", "--pattern", "--yes", "--dry-run", "--state"),
    "fetch": ("--to", "--depth", "--pattern", "--dry-run", "--state"),
    "gc": ("--below", "--yes", "--dry-run", "--state"),
    "explain": ("--json", "--state"),
    "history": ("--json", "--state"),
    "logs": ("--bytes", "--follow", "--state"),
    "estimate": ("--workers", "--json", "--state"),
    "config": ("--json",),
    "doctor": ("--verbose", "--json", "--no-import", "--timeout"),
    "reproduce": (
        "--here", "--venv", "--find-links", "--changed-inputs", "--into", "--keep", "--directory", "--store", "--state",
        "--json",
    ),
    "list": ("--failed", "--all", "--json", "--state"),
    "show": ("--json", "--state"),
    "diff": ("--json", "--state"),
    "verify": ("--sizes", "--directory", "--json", "--state"),
    "compact": ("--older-than", "--keep", "--dry-run", "--json", "--state"),
}  # fmt: skip
_SWITCHES = frozenset((
    "--json", "--yes", "--dry-run", "--here", "--changed-inputs", "--failed", "--all", "--sizes", "--verbose",
    "--no-import",
))  # fmt: skip
"""Those of them that take no value."""
_OF_PLACES = ("--state", "--to", "--below", "--into", "--directory", "--find-links", "--output", "--module")
_VALUES = {"--format": ("svg", "dot", "html"), "--mode": ("all", "interactive", "stale")}
MOST = 500
"""Task ids that are offered at once."""


class Candidate(NamedTuple):
    """A whole word, and what it means."""

    word: str
    help: str = ""


def of(words: Sequence[str]) -> list[Candidate] | str:
    """The candidates for the last word, or the kind of files that it may be. `words`: without the program's name."""
    *before, last = words
    if not before:
        commands = {**_ON_SCRIPTS, **_ON_TASKS, **_OTHERS}
        fitting = _fitting(commands, last)
        return fitting if fitting or last.startswith("-") else SCRIPTS
    command, given = before[0], before[1:]
    if command == "reports":
        if not given:
            return _fitting(_REPORTS, last)
        command, given = given[0], given[1:]
        if command in ("list", "show", "diff", "verify"):
            return _of_task(command, given, last)
        return _flags(command, last)
    if command == "jobs":
        if not given:
            return _fitting(_JOBS, last)
        extra = _JOB_FLAGS.get(given[0], ())
        return _fitting(dict.fromkeys((*extra, "--state"), ""), last)
    if command in _ON_TASKS:
        return _of_task(command, given, last)
    if command == "completion":
        return _fitting({"bash": "", "zsh": ""}, last) if not given else _fitting({"--python": ""}, last)
    if command in _ON_SCRIPTS or command.endswith(".py"):
        return of_script(command, before if command.endswith(".py") else given, last)
    if last.startswith("-"):
        return _flags(command, last)
    return SCRIPTS


def of_script(command: str, given: Sequence[str], last: str) -> list[Candidate] | str:
    """On a command line with a script: the script itself, its task, the task's parameters, flags, values of these."""
    script, rest = flags.split_script(given)
    extra = _FLAGS.get(command, ())
    families = catalogue.of(script) if script is not None and script.is_file() else {}
    task = next((families[word] for word in rest if word in families), None)
    flag, equals, begun = last.partition("=")
    if equals:
        values = _values(flag, task)
        return [Candidate(f"{flag}={one.word}") for one in _fitting(dict.fromkeys(values, ""), begun)]
    previous = given[-1] if given else ""
    if previous.startswith("-") and _takes_value(previous, task, extra):
        values = _values(previous, task)
        return _fitting(dict.fromkeys(values, ""), last) if values else FILES
    if last.startswith("-"):
        own = {one.flag: one.help for one in task.flags} if task is not None else {}
        return _fitting({**own, **dict.fromkeys(extra, ""), **_run_flags()}, last)
    if script is None:
        return SCRIPTS
    return [] if task is not None else _fitting({one.name: one.help for one in families.values()}, last)


def _run_flags() -> dict[str, str]:
    return {flag.names[-1]: flag.help for flag in flags.ALL if not flag.luigi}


def _takes_value(flag: str, task: catalogue.Family | None, extra: Sequence[str]) -> bool:
    if task is not None:
        for one in task.flags:
            if flag.replace("_", "-") == one.flag:
                return not one.switch
    if flag in extra:
        return flag not in _SWITCHES
    return any(flag in known.spellings and known.metavar for known in flags.ALL)


def _values(flag: str, task: catalogue.Family | None) -> Sequence[str]:
    if task is not None:
        for one in task.flags:
            if flag.replace("_", "-") == one.flag:
                return one.choices
    if flag in _VALUES:
        return _VALUES[flag]
    known = next((one for one in flags.ALL if flag in one.spellings), None)
    key = settings.BY_NAME.get(known.name) if known is not None and known.setting else None
    return key.kind.choices if key is not None else ()


def _of_task(command: str, given: Sequence[str], last: str) -> list[Candidate] | str:
    previous = given[-1] if given else ""
    if previous in _OF_PLACES:
        return FILES
    if last.startswith("-"):
        return _flags(command, last)
    return [Candidate(name) for name in _recorded(last, _state(given))]


def _flags(command: str, last: str) -> list[Candidate]:
    return _fitting(dict.fromkeys(_FLAGS.get(command, ()), ""), last) if last.startswith("-") else []


def _state(given: Sequence[str]) -> str | None:
    for position, word in enumerate(given):
        if word.startswith("--state="):
            return word.partition("=")[2]
        if word == "--state" and position + 1 < len(given):
            return given[position + 1]
    return None


def _recorded(begun: str, state: str | None) -> Iterator[str]:
    """Ids of recorded tasks that begin so."""
    from ..records import RecordsError, questions

    place = Path(os.path.expanduser(state)) if state else None
    try:
        yield from questions.ask(place, "names", tasks=[begun], most=MOST)
    except RecordsError:
        return


def _fitting(known: dict[str, str], begun: str) -> list[Candidate]:
    return [Candidate(word, text) for word, text in known.items() if word.startswith(begun)]

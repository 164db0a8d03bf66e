"""Errors as data: what happened to what, why, and the way out. Every sentence stands in one table here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from .running.result import ExitCode


class Code(str, Enum):
    """Every kind of error that the Python side reports."""

    USAGE = "usage"
    UNKNOWN_FLAG = "unknown flag"
    FLAG_VALUE = "flag value"
    NO_TASK = "no task"
    UNKNOWN_TASK = "unknown task"
    AMBIGUOUS_TASK = "ambiguous task"
    UNKNOWN_PARAMETER = "unknown parameter"
    MISSING_PARAMETER = "missing parameter"
    MALFORMED_PARAMETER = "malformed parameter"
    TASK_NOT_MADE = "task not made"
    SCRIPT_ABSENT = "script absent"
    SCRIPT_UNREADABLE = "script unreadable"
    SCRIPT_FAILED = "script failed"
    MODULE_FAILED = "module failed"
    CONFIGURATION_UNREADABLE = "configuration unreadable"
    CONFIGURATION_MALFORMED = "configuration malformed"
    UNKNOWN_KEY = "unknown key"
    MALFORMED_VALUE = "malformed value"
    STATE_UNWRITABLE = "state unwritable"
    BUNDLE_NOT_STORED = "bundle not stored"
    NO_WORKER = "no worker"
    STATE_UNREADABLE = "state unreadable"
    CYCLE = "cycle"
    SHARED_OUTPUT = "shared output"
    NOT_A_TASK = "not a task"
    INTERRUPTED = "interrupted"
    INTERNAL = "internal"


class Wording(NamedTuple):
    """The sentence of a code, its usual way out, and the exit code of a process that ends with it."""

    what: str
    hint: str
    exit_code: ExitCode


def _usage(what: str, hint: str) -> Wording:
    return Wording(what, hint, ExitCode.USAGE)


def _broken(what: str, hint: str) -> Wording:
    return Wording(what, hint, ExitCode.BROKEN)


WORDING: Mapping[Code, Wording] = MappingProxyType(
    {
        Code.USAGE: _usage("the command line is not understood", "see `martlet --help`"),
        Code.UNKNOWN_FLAG: _usage("there is no such flag", "see `martlet run --help`"),
        Code.FLAG_VALUE: _usage("the value of this flag is not understood", "see `martlet run --help`"),
        Code.NO_TASK: _usage("no task specified", "name the task to run after the script"),
        Code.UNKNOWN_TASK: _usage("there is no such task", "see `martlet run SCRIPT --help` for the tasks of a script"),
        Code.AMBIGUOUS_TASK: _usage(
            "several task classes have this name", "give one of them another name or a task_namespace"
        ),
        Code.UNKNOWN_PARAMETER: _usage(
            "the task has no such parameter", "see `martlet run SCRIPT TASK --help` for its parameters"
        ),
        Code.MISSING_PARAMETER: _usage(
            "a parameter without default has no value", "give it on the command line or in the configuration"
        ),
        Code.MALFORMED_PARAMETER: _usage(
            "the value of this parameter is not understood",
            "see `martlet run SCRIPT TASK --help` for what is expected",
        ),
        Code.TASK_NOT_MADE: _broken("the task could not be made", "the traceback shows where its class raised"),
        Code.SCRIPT_ABSENT: _usage("there is no such script", "check the path; it is relative to where you are now"),
        Code.SCRIPT_UNREADABLE: _usage("the script could not be read", "check its permissions"),
        Code.SCRIPT_FAILED: _broken("the script could not be executed", "the traceback shows where it raised"),
        Code.MODULE_FAILED: _broken(
            "the module could not be imported", "check its name, and the folder you are in or PYTHONPATH"
        ),
        Code.CONFIGURATION_UNREADABLE: _usage("the configuration could not be read", "check its permissions"),
        Code.CONFIGURATION_MALFORMED: _usage("the configuration is no valid TOML", "correct the line named above"),
        Code.UNKNOWN_KEY: _usage("unknown configuration key", "`martlet config` lists the known keys"),
        Code.MALFORMED_VALUE: _usage(
            "the value of this setting is not understood", "`martlet config` lists the known keys"
        ),
        Code.STATE_UNWRITABLE: _usage(
            "the state directory can't be written", "name another one with --state or $MARTLET_STATE"
        ),
        Code.BUNDLE_NOT_STORED: _broken(
            "the bundle cannot be put where jobs would fetch it",
            "mend the store, name another, or leave `bundle_store` out: then the bundle is sent with each job",
        ),
        Code.NO_WORKER: Wording(
            "no process could be started to run tasks",
            "what is complete is kept; run again with fewer --workers, or when there is room",
            ExitCode.FAILED,
        ),
        Code.STATE_UNREADABLE: _usage(
            "the records of earlier runs can't be read", "mend the permissions, or name another directory with --state"
        ),
        Code.CYCLE: _broken("these tasks require each other in a circle", "remove one of these requirements"),
        Code.SHARED_OUTPUT: _broken(
            "another task would make the same file",
            "give each an output of its own, or both classes `allow_shared_output = True`",
        ),
        Code.NOT_A_TASK: _usage("this is no task", "give instances of task classes, e.g. `Selection('ttH125')`"),
        Code.INTERRUPTED: Wording("interrupted", "run the same command again to go on", ExitCode.INTERRUPTED),
        Code.INTERNAL: Wording(
            "Martlet itself failed", "run again with --debug and report the traceback", ExitCode.INTERNAL
        ),
    }
)


class Diagnostic(NamedTuple):
    """An error as data.

    `subject` is what it happened to (a task, a parameter, a file), `cause` says why in the words of whoever refused
    (may be empty), `hint` is the way out where it is better known than the table's.
    """

    code: Code
    subject: str
    cause: str = ""
    hint: str = ""

    @property
    def exit_code(self) -> ExitCode:
        return WORDING[self.code].exit_code

    def text(self) -> str:
        """`martlet: <subject>: <what>: <why>` and a second line with the way out."""
        wording = WORDING[self.code]
        parts = [part for part in (self.subject, wording.what, self.cause) if part]
        return f"martlet: {': '.join(parts)}\n  hint: {self.hint or wording.hint}"


class MartletError(Exception):
    """An error that ends a command: carries its diagnostic, and the user's traceback where user code raised."""

    def __init__(self, diagnostic: Diagnostic, details: str = "") -> None:
        super().__init__(diagnostic)
        self.diagnostic = diagnostic
        self.details = details

    @property
    def exit_code(self) -> ExitCode:
        return self.diagnostic.exit_code

    def __str__(self) -> str:
        return self.diagnostic.text()


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The known names that are most like `name`, best first; case and the dashes of flags do not count.

    A name that is much less like it than the best is none of them.
    """
    import difflib  # needed by mistakes alone

    by_folded: dict[str, str] = {}
    for candidate in known:
        by_folded.setdefault(candidate.lower().lstrip("-"), candidate)
    folded = name.lower().lstrip("-")
    matches = difflib.get_close_matches(folded, list(by_folded), n=count, cutoff=0.55)
    likeness = [difflib.SequenceMatcher(None, match, folded).ratio() for match in matches]
    return [by_folded[match] for match, like in zip(matches, likeness) if like > likeness[0] - 0.2]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`did you mean A or B?`, or an empty string when nothing is near."""
    names = nearest(name, known)
    return f"did you mean {' or '.join(names)}?" if names else ""

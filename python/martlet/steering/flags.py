"""The flags of a run: those of the settings, those of one command, and luigi's that need no doing here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from .settings import FLAG, JOBS, KEYS, NUMBERS, RULES


class RunFlag(NamedTuple):
    """A flag of `martlet run`; it takes a value if it has a metavar."""

    names: tuple[str, ...]
    name: str
    help: str
    metavar: str = ""
    repeatable: bool = False
    setting: bool = False
    """Sets the configuration key of the same name."""
    luigi: bool = False
    """Accepted because luigi knows it; without effect."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """All names; `--martlet-…` stays when a task has a parameter of the flag's own name."""
        return (*self.names, "--martlet-" + self.name.replace("_", "-"))


def _settings() -> Iterator[RunFlag]:
    for key in KEYS:
        if key.flag:
            metavar = "" if key.kind is FLAG else key.metavar
            repeatable = key.kind in (NUMBERS, JOBS) or key.kind.name == RULES
            yield RunFlag((key.flag,), key.name, key.help, metavar, repeatable, setting=True)


OWN = (
    RunFlag(("-n", "--dry-run"), "dry_run", "Say what would run and why, touch nothing"),
    RunFlag(("--force",), "force", "Run these again although complete: families or task ids", "PATTERN", True),
    RunFlag(("--until",), "until", "Stop at this family", "FAMILY", True),
    RunFlag(("-k", "--keep-going"), "keep_going", "After a failure go on with the other branches (default)"),
    RunFlag(("--store",), "store", "Where a store lies, in front of the configuration", "NAME=URL", True),
    RunFlag(("--plan-first",), "plan_first", "Start nothing before the plan is complete"),
    RunFlag(("--stream",), "stream", "Start tasks at once, while the plan is made"),
    RunFlag(("--no-wait",), "no_wait", "Submit what is ready, collect what has ended, leave the jobs to the next run"),
    RunFlag(("--no-bundle",), "no_bundle", "Jobs take the code from where it is, on a file system that they share"),
    RunFlag(("--explain",), "explain", "Say why these would run, wait or cannot run, touch nothing", "TASK", True),
    RunFlag(("--status",), "status", "Say what has changed since the reports of all tasks, touch nothing"),
    RunFlag(("--graph",), "graph", "Draw what the task needs (file.svg, .dot, .html; -), touch nothing", "FILE"),
    RunFlag(("--print-status",), "print_status", "Print how tasks stand, as a tree, touch nothing; -1: all", "DEPTH"),
    RunFlag(("--print-deps",), "print_deps", "Print what tasks need, as a tree, touch nothing; -1: all", "DEPTH"),
    RunFlag(("--print-output",), "print_output", "Print what tasks make and what is there, touch nothing", "DEPTH"),
    RunFlag(("--pattern",), "pattern", "With one of these three or the next two: only tasks that fit", "PATTERN"),
    RunFlag(("--remove-output",), "remove_output", "Remove outputs; MODE a, i, s, d or q", "DEPTH[,MODE[,RUN]]"),
    RunFlag(("--fetch-output",), "fetch_output", "Bring outputs here; MODE a, i or d", "DEPTH[,MODE[,DIR]]"),
    RunFlag(("--collect-garbage",), "collect_garbage", "Find files that no task owns; MODE a, d or q", "MODE[,PLACE]"),
    RunFlag(("--estimate",), "estimate", "Say what would run will probably take, from past reports, touch nothing"),
    RunFlag(("--json",), "json", "With --explain, --status, --print-…: print JSON"),
    RunFlag(("--module",), "module", "Import the tasks from this module, in place of a script", "MODULE"),
    RunFlag(("-q", "--quiet"), "quiet", "Show failures only"),
    RunFlag(("-v", "--verbose"), "verbose", "Lists in full: every task of a dry run, every cause of failure"),
    RunFlag(("--debug",), "debug", "Show whole tracebacks, Martlet's own frames too"),
    RunFlag(("--version",), "version", "Print the version and exit"),
    RunFlag(("-h", "--help"), "help", "Print this help; after a task's name: its parameters"),
    RunFlag(("--help-all",), "help_all", "Print the parameters of all tasks too"),
)

_LUIGI_SWITCHES = ("local_scheduler", "no_lock", "take_lock", "parallel_scheduling", "assistant")
_LUIGI_VALUES = (
    "scheduler_host", "scheduler_port", "scheduler_url", "lock_size", "lock_pid_dir", "logging_conf_file",
    "parallel_scheduling_processes",
)  # fmt: skip


def _luigi() -> Iterator[RunFlag]:
    for name in _LUIGI_SWITCHES:
        yield RunFlag(("--" + name.replace("_", "-"),), name, "Accepted for luigi", luigi=True)
    for name in _LUIGI_VALUES:
        yield RunFlag(("--" + name.replace("_", "-"),), name, "Accepted for luigi", "VALUE", luigi=True)


ALL: tuple[RunFlag, ...] = (*OWN[:3], *_settings(), *OWN[3:], *_luigi())
LUIGI_NAMES = frozenset((*_LUIGI_SWITCHES, *_LUIGI_VALUES))
DEPTHS = frozenset(
    spelling
    for flag in OWN
    if flag.metavar.startswith("DEPTH")
    for spelling in flag.spellings
)  # fmt: skip
"""Flags whose value may begin with a dash: -1, for all."""
_TAKES_VALUE = {spelling: bool(flag.metavar) for flag in ALL for spelling in flag.spellings}


def split_script(arguments: Sequence[str]) -> tuple[Path | None, list[str]]:
    """The script among the arguments of `martlet run`, and the arguments without it.

    The script is the first word that is neither a flag nor a flag's value. With --module there is none, unless that
    word ends in .py.
    """
    module = any(argument == "--module" or argument.startswith("--module=") for argument in arguments)
    position = 0
    while position < len(arguments):
        argument = arguments[position]
        if not argument.startswith("-"):
            if module and not argument.endswith(".py"):
                break
            return Path(argument), [*arguments[:position], *arguments[position + 1 :]]
        position += 2 if _TAKES_VALUE.get(argument, False) else 1
    return None, list(arguments)

"""`martlet deps|outputs|remove|fetch|gc SCRIPT TASK …`: the words of the run that answers them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..diagnostics import Code, Diagnostic, MartletError


class Command(NamedTuple):
    usage: str
    about: str
    options: tuple[str, ...] = ()
    """With a value each."""
    switches: tuple[str, ...] = ()


NAMES = {
    "deps": Command("[--depth N] [--pattern P] [--json] [-v]", "Prints what a task needs, as a tree.", ("--depth",)),
    "outputs": Command(
        "[--depth N] [--pattern P] [--json] [-v]",
        "Prints what a task and all it needs make, how much of it is there, how large it is and where.", ("--depth",),
    ),
    "remove": Command(
        "[--depth N] [--mode all|interactive|stale] [--pattern P] [--yes] [-n]",
        "Removes the outputs of a task (--depth 0, the default) and of what it needs to a depth (-1: all):\n"
        "lists them, then asks. Outputs of external tasks are never removed.",
        ("--depth", "--mode"), ("--yes", "-n", "--dry-run"),
    ),
    "fetch": Command(
        "--to FOLDER [--depth N] [--pattern P] [-n]",
        "Brings the outputs of a task (--depth 0, the default) and of what it needs to a depth (-1: all) to a folder.",
        ("--to", "--depth"), ("-n", "--dry-run"),
    ),
    "gc": Command(
        "[--below STORE|FOLDER] [--yes] [-n]",
        "Lists files beside the outputs of a task and of all it needs that no task and no report owns, temporary\n"
        "files of writers that are gone, and folders of old jobs; removes them after a question.",
        ("--below",), ("--yes", "-n", "--dry-run"),
    ),
}  # fmt: skip
"""By name, in the order in which they are told."""
_MODES = {"all": ("q", "a"), "interactive": ("i", "i"), "stale": ("s", "sa")}
"""Without and with --yes."""


def as_run(command: str, words: Sequence[str]) -> list[str]:
    """What `martlet run` takes for it; empty when its help was printed. Raises MartletError for a wrong option."""
    known = NAMES[command]
    if not words or words[0] in ("-h", "--help"):
        print(f"usage: martlet {command} SCRIPT TASK [--parameter VALUE …] {known.usage}\n\n{known.about}")
        return []
    given, rest = _taken(command, known, words)
    dry = "-n" in given or "--dry-run" in given
    yes = "--yes" in given
    depth = given.get("--depth", "-1" if command in ("deps", "outputs") else "0")
    if command == "deps":
        return [*rest, f"--print-deps={depth}"]
    if command == "outputs":
        return [*rest, f"--print-output={depth}"]
    if command == "fetch":
        if not given.get("--to"):
            raise MartletError(Diagnostic(Code.USAGE, "martlet fetch", "it is not said where to", "give --to FOLDER"))
        return [*rest, f"--fetch-output={depth},{'d' if dry else 'a'},{given['--to']}"]
    if command == "gc":
        return [*rest, f"--collect-garbage={'d' if dry else 'a' if yes else 'q'},{given.get('--below', '')}"]
    mode = given.get("--mode", "all")
    if mode not in _MODES:
        cause = f"there is no mode {mode!r}"
        raise MartletError(Diagnostic(Code.FLAG_VALUE, "--mode", cause, "all, interactive or stale"))
    letters = ("sd" if mode == "stale" else "d") if dry else _MODES[mode][yes]
    return [*rest, f"--remove-output={depth},{letters}"]


def _taken(command: str, known: Command, words: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """The command's own options, and all other words."""
    given: dict[str, str] = {}
    rest: list[str] = []
    position = 0
    while position < len(words):
        word = words[position]
        name, equals, value = word.partition("=")
        if name in known.options:
            if not equals:
                position += 1
                if position == len(words):
                    raise MartletError(Diagnostic(Code.FLAG_VALUE, name, f"martlet {command}: a value is expected"))
                value = words[position]
            given[name] = value
        elif word in known.switches:
            given[word] = "true"
        else:
            rest.append(word)
        position += 1
    return given, rest

"""`martlet doctor SCRIPT…`: its words, its exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..diagnostics import Code, Diagnostic, MartletError, did_you_mean
from ..running.result import ExitCode
from . import diagnosis, report
from .importing import LONGEST

HELP = f"""\
usage: martlet doctor SCRIPT|FOLDER|MODULE … [flags]

Says of everything that an analysis written for luigi or law uses whether it works on Martlet, works differently, is
written differently, or has no counterpart, with file and line and the way out. The analysis is imported in a process of
its own; no task is run.

flags:
  -v, --verbose      List what works, and what the analysis printed
  --json             Print JSON
  --no-import        Read the files only
  --timeout SECONDS  How long the import may take ({LONGEST} by default)
  -h, --help         Print this help

Exit codes: 0 it runs as it stands, 1 something stands in the way, 2 usage, 4 it could not be imported."""

_FLAGS = ("-v", "--verbose", "--json", "--no-import", "--timeout", "-h", "--help", "--debug")


def run(words: Sequence[str]) -> ExitCode:
    """Carries the command out. Raises MartletError for words it does not know and names that are not there."""
    names, given = _parsed(words)
    if "-h" in given or "--help" in given:
        print(HELP)
        return ExitCode.OK
    if not names:
        hint = "name a script, the folder of a package, or a module"
        raise MartletError(Diagnostic(Code.USAGE, "martlet doctor", "nothing to look at", hint))
    found = diagnosis.of(names, imports="--no-import" not in given, longest=_seconds(given.get("--timeout")))
    if "--json" in given:
        print(report.as_json(found))
    else:
        print(report.text(found, sys.stdout, verbose="-v" in given or "--verbose" in given))
    if found.troubles:
        return ExitCode.BROKEN
    return ExitCode.FAILED if found.stands_in_the_way else ExitCode.OK


def _parsed(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Names, and flags with their values."""
    names: list[str] = []
    given: dict[str, str] = {}
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        flag, equals, value = word.partition("=")
        if not word.startswith("-"):
            names.append(word)
        elif flag not in _FLAGS or (equals and flag != "--timeout"):
            hint = did_you_mean(flag, _FLAGS) or "see `martlet doctor --help`"
            raise MartletError(Diagnostic(Code.UNKNOWN_FLAG, word, "", hint))
        elif flag == "--timeout" and not equals:
            given[flag] = waiting.pop(0) if waiting else ""
        else:
            given[flag] = value
    return names, given


def _seconds(text: str | None) -> float:
    if text is None:
        return LONGEST
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        cause = f"a number of seconds was expected, not {text!r}"
        raise MartletError(Diagnostic(Code.FLAG_VALUE, "--timeout", cause, "give e.g. --timeout 60"))
    return seconds

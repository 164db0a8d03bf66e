"""`martlet completion SHELL`, and `martlet candidates`, which shells call at each press of the key."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from ..diagnostics import Code, Diagnostic, MartletError
from ..running.result import ExitCode
from . import candidates
from .shells import SCRIPTS

HELP = """\
usage: martlet completion bash|zsh [--python]

Prints what makes a shell complete commands, flags, the tasks of a script, their parameters and values, and ids of
recorded tasks. For this shell:    source <(martlet completion bash)
For every one: put that line into ~/.bashrc or ~/.zshrc.

  --python  Complete `python SCRIPT …` too, in front of what your shell has for python"""


def run(words: Sequence[str]) -> ExitCode:
    """Prints the script."""
    if "-h" in words or "--help" in words:
        print(HELP)
        return ExitCode.OK
    shells = [word for word in words if not word.startswith("-")]
    unknown = [word for word in words if word.startswith("-") and word not in ("--python", "--debug")]
    if unknown or len(shells) != 1 or shells[0] not in SCRIPTS:
        hint = f"write `martlet completion {'|'.join(SCRIPTS)}`, and --python for scripts too"
        cause = f"unexpected {(unknown or [w for w in shells if w not in SCRIPTS] or shells[1:] or ['nothing'])[0]!r}"
        raise MartletError(Diagnostic(Code.USAGE, "martlet completion", cause, hint))
    martlet, python = SCRIPTS[shells[0]]
    print(martlet + python if "--python" in words else martlet, end="")
    return ExitCode.OK


def answer(words: Sequence[str]) -> ExitCode:
    """Prints the kind of what follows, then a candidate a line.

    bash gives `bash BREAKS LINE`, the characters at which it breaks words and the line up to the cursor; zsh gives the
    words of the line, the last one as far as it goes.
    """
    shell, *given = words
    line, quote = _taken_apart(given[1]) if shell == "bash" else (given, "")
    found = candidates.of(line[1:] if len(line) > 1 else [""])
    if isinstance(found, str):
        print(found)
        return ExitCode.OK
    print("words")
    cut = _cut(line[-1], given[0]) if shell == "bash" else 0
    for candidate in found:
        if not candidate.word.isprintable():  # one a line; and whoever wrote it may mean the terminal
            continue
        if shell != "bash":  # which quotes what it inserts
            told = "".join(letter if letter.isprintable() else " " for letter in candidate.help)
            print(f"{candidate.word}\t{told}".rstrip("\t"))
        elif (word := _inserted(candidate.word[cut:], quote)) is not None:
            print(word)
    return ExitCode.OK


def _inserted(word: str, quote: str) -> str | None:
    """A word as bash may have it in its line, where it would run what is in it; None for one that cannot be.

    Names come from scripts and records, which may be others'. `quote`: the one that was opened before it.
    """
    if not quote:
        return shlex.quote(word)
    return None if set(word) & set(_ALIVE[quote]) else word


_ALIVE = {"'": "'", '"': '"$`\\!'}
"""What has a meaning of its own within quotes."""


def _taken_apart(line: str) -> tuple[list[str], str]:
    """A line as the shell takes it apart, as far as it goes, and the quote that is open at its end, if one is; the last
    word may be empty."""
    for end in ("", '"', "'"):
        try:
            words, quote = shlex.split(line + end), end
            break
        except ValueError:
            continue
    else:
        words, quote = line.split(), ""
    return ([*words, ""] if not words or (line[-1:].isspace() and not quote) else words), quote


def _cut(word: str, breaks: str) -> int:
    """How much of a word bash has cut off: it completes what stands behind the last of these characters."""
    return max((word.rfind(character) + 1 for character in breaks if character in "=:"), default=0)

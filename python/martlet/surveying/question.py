"""Asking whoever sits at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence


def can_ask() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin is not None and sys.stdin.isatty()


def agrees(question: str) -> bool:
    """Whether the answer is yes; anything else is no, the end of the input too."""
    return _answer(question, "y/N") in ("y", "yes")


def each(questions: Sequence[str]) -> Iterator[bool]:
    """The answers to many questions, each asked when it is its turn. One answer may count for all that follow."""
    rest: bool | None = None
    for question in questions:
        if rest is None:
            answer = _answer(question, "y/N/all/quit")
            rest = {"a": True, "all": True, "q": False, "quit": False}.get(answer)
            if rest is None:
                yield answer in ("y", "yes")
                continue
        yield rest


def _answer(question: str, answers: str) -> str:
    sys.stdout.flush()
    sys.stderr.write(f"{question} [{answers}] ")
    sys.stderr.flush()
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        sys.stderr.write("\n")  # what is told of it begins a line
        raise
    if not line:
        sys.stderr.write("\n")
        return "quit"
    return line.strip().lower()

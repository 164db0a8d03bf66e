"""`martlet graph SCRIPT TASK …`: the words of a run, and what is to be drawn where."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..diagnostics import Code, Diagnostic, MartletError
from .drawing import FORMS, Graph

if TYPE_CHECKING:
    from ..surveying import Survey

HELP = """\
usage: martlet graph SCRIPT TASK [--parameter VALUE …] [--format svg|dot|html] [--output FILE] [flags]

Draws what a task needs, with the state of each. Tasks of a family share a box where there are too many of them for a
page. Nothing is run. Flags of a run are understood: martlet run --help.

  --format FORM  svg, dot (for graphviz) or html (every task, in a file that needs no network);
                 else the end of FILE, or svg
  --output FILE  Where it goes; standard output by default"""


def run_words(words: Sequence[str]) -> list[str] | None:
    """The words for a run that draws instead; None for those that ask for help."""
    if not words or "-h" in words or "--help" in words:
        return None
    rest: list[str] = []
    given = {"--format": "", "--output": ""}
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        flag, equals, value = word.partition("=")
        if flag not in given:
            rest.append(word)
            continue
        if not equals and not waiting:
            raise MartletError(Diagnostic(Code.FLAG_VALUE, flag, "a value is expected"))
        given[flag] = value if equals else waiting.pop(0)
    if given["--format"] not in ("", *FORMS):
        raise _no_form(given["--format"])
    return [*rest, "--graph", f"{given['--format']}:{given['--output'] or '-'}"]


def _no_form(form: str) -> MartletError:
    cause = f"there is no form {form!r}"
    return MartletError(Diagnostic(Code.FLAG_VALUE, "--format", cause, f"forms are {', '.join(FORMS)}"))


def draw(survey: Survey, wish: str) -> None:
    """Draws a survey. `wish`: `FORM:FILE` or `FILE`; `-` is standard output."""
    form, colon, file = wish.partition(":")
    if not colon or form not in ("", *FORMS):
        form, file = "", wish
    form = form or os.path.splitext(file)[1].lower().removeprefix(".") or "svg"
    if form not in FORMS:
        raise _no_form(form)
    graph = Graph.of(survey)
    if file == "-":
        sys.stdout.write(graph.text(form))
        return
    try:
        graph.save(file, form)
    except OSError as error:
        cause = f"{file} cannot be written: {error.strerror or error}"
        raise MartletError(Diagnostic(Code.FLAG_VALUE, "--output", cause, "name another file")) from None

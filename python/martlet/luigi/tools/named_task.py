"""The task that a command line names, for programs that look at it without running it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ...diagnostics import Code, Diagnostic, MartletError
from ...steering import classes, grammar, one_run, session


@contextmanager
def named_task(arguments: Sequence[str] | None = None) -> Iterator[Any]:
    """`--module MODULE FAMILY --parameter VALUE …` (`sys.argv` if None), read as for a run.

    Within the block the flags of other families count. A mistake is printed and ends the program with its exit code.
    """
    try:
        request = grammar.parse(sys.argv[1:] if arguments is None else arguments)
        if request.task is None:
            hint = f"{classes.candidates()}; --module MODULE imports a module that defines some"
            raise MartletError(Diagnostic(Code.NO_TASK, "", "", hint))
        settled = session.configured(request, None)
        classes.set_configured(settled.parameter, settled.parameters)
        with classes.command_line_values(request.family_texts):
            yield classes.make(request.task, request.texts)
    except MartletError as error:
        sys.exit(one_run.failed(error))

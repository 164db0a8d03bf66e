"""What one task prints, in a file of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from .log_here import length_of

if TYPE_CHECKING:
    from .execution import Execution
    from .outcome import Outcome


class OwnLog:
    """While this is entered, stdout and stderr of a worker lead to a file that is the task's alone."""

    def __init__(self, path: str, execution: Execution) -> None:
        self._path = path
        self._execution = execution
        self._usual = -1
        self._usual_length: Callable[[], int] | None = None
        self._log: int | None = None

    def __enter__(self) -> OwnLog:
        try:
            self._log = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:  # it goes to the worker's file then
            print(f"martlet: the task has no log of its own: {error}", file=sys.stderr, flush=True)
            return self
        self._usual = os.dup(1)
        self._usual_length = self._execution.log_to(length_of(self._log))
        self._lead_to(self._log)
        return self

    def mark(self, outcome: Outcome) -> None:
        """Says in the outcome where its part of the log is."""
        outcome.own_log = self._log is not None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._log is not None:
            self._execution.log_to(self._usual_length)
            self._lead_to(self._usual)
            os.close(self._usual)
            os.close(self._log)

    @staticmethod
    def _lead_to(log: int) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        for descriptor in (1, 2):
            os.dup2(log, descriptor)

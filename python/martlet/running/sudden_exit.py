"""A task in the driver that calls os._exit() ends the whole program: it shall not do so in silence."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any, NoReturn


class SuddenExit:
    """While this is entered, os._exit() in this process says whose doing it is. In forked processes it is as usual."""

    def __init__(self, whose: Callable[[], str]) -> None:
        """`whose`: the title of the task that runs in this process; empty when there is none."""
        self._whose = whose
        self._process = os.getpid()
        self._usual: Any = None

    def __enter__(self) -> None:
        self._usual = os._exit
        os._exit = self._exit

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os._exit = self._usual

    def _exit(self, status: int) -> NoReturn:
        if os.getpid() == self._process and (title := self._whose()):
            sys.stdout.flush()
            text = f"{title} called os._exit({status}), which ends this whole program: it is not recorded"
            hint = 'isolation = "fork" in its class, or --workers 2, makes it that task\'s failure alone'
            print(f"martlet: {text}\n  hint: {hint}", file=sys.stderr, flush=True)
        self._usual(status)
        raise AssertionError("os._exit() returned")

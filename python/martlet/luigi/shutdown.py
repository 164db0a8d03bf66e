"""SIGUSR1, by which luigi's `--take-lock` asks other processes to begin nothing more."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def on_request() -> Iterator[None]:
    """Within it the first SIGUSR1 is what the first Ctrl-C is; off the main thread nothing changes."""
    asked = False

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        if not asked:
            asked = True
            os.kill(os.getpid(), signal.SIGTERM)

    try:
        before = signal.signal(signal.SIGUSR1, ask)
    except ValueError:  # not the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR1, signal.SIG_DFL if before is None else before)

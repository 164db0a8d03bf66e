"""Ctrl-C and its kin while a run goes on."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

from ..task import Task

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


_active: Signals | None = None
"""The innermost run that handles signals; processes that its tasks fork must not."""


def _in_forked_child() -> None:
    if _active is not None:
        _active._put_back()


os.register_at_fork(after_in_child=_in_forked_child)


class Signals:
    """Counts requests to stop. Installs handlers on the main thread only, and puts the old ones back.

    The first SIGINT, SIGTERM or SIGHUP asks for no new starts; a further one interrupts what runs. A SIGHUP that was
    ignored when the run began (nohup) stays ignored.
    """

    def __init__(self, told: Callable[[int, Task | None], None]) -> None:
        """`told(level, task)`: called once a level; `task` is the one that runs in this process, if any."""
        self._told = told
        self._old: dict[int, Any] = {}
        self._outer: Signals | None = None
        self.level = 0
        self.count = 0
        """Signals so far."""
        self.last = 0
        """The number of the last one."""
        self.running_here: Task | None = None
        """The task that runs in this process at the moment."""
        self._interrupts = False

    def __enter__(self) -> Signals:
        global _active
        self._outer, _active = _active, self
        for number in _SIGNALS:
            old = signal.getsignal(number)
            if number == signal.SIGHUP and old == signal.SIG_IGN:
                continue
            try:
                signal.signal(number, self._handle)
            except ValueError:  # not the main thread
                break
            self._old[number] = old
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        global _active
        _active = self._outer
        self._put_back()

    @contextmanager
    def interrupts(self) -> Iterator[None]:
        """Within it, the second request raises KeyboardInterrupt."""
        self._interrupts = True
        try:
            yield
        finally:
            self._interrupts = False

    def forget(self) -> None:
        """What was asked for is withdrawn: the next request counts as the first."""
        self.level = 0

    def _put_back(self) -> None:
        for number, old in self._old.items():
            signal.signal(number, signal.SIG_DFL if old is None else old)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self.count += 1
        self.last = number
        self.level = min(self.level + 1, 2)
        self._told(self.level, self.running_here)
        if self.level == 2 and (self._interrupts or self.running_here is not None):
            raise KeyboardInterrupt

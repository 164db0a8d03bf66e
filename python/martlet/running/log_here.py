"""Where what tasks print that run in the driver is kept."""

from __future__ import annotations

import os
import stat
import sys
from _thread import get_native_id
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from .relay import Relay
    from .reporter import Reporter


class LogHere:
    """The file that keeps it, and how it gets there: by itself, or through a `Relay`."""

    def __init__(self, path: str = "", folder: str = "", relay: Relay | None = None) -> None:
        """`path`: empty when it is not kept. `folder`: of the run's other logs; empty when none was chosen yet."""
        self.path = path
        self.folder = folder
        self.relay = relay

    @contextmanager
    def kept(self) -> Iterator[Callable[[], int] | None]:
        """While tasks run. Says how long the file is by now; None when it is not kept."""
        if self.relay is not None:
            self.relay.begin()
            try:
                yield self.relay.length
            finally:
                self.relay.end()
        elif self.path:
            # a descriptor whose offset is nobody else's
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                yield length_of(descriptor)
            finally:
                os.close(descriptor)
        else:
            yield None

    def __enter__(self) -> LogHere:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.relay is not None:
            self.relay.end()


def length_of(descriptor: int) -> Callable[[], int]:
    """How long the file is by now. The descriptor's offset moves."""
    return partial(os.lseek, descriptor, 0, os.SEEK_END)


_made = 0
"""Runs of this process whose log is of their own."""


def of(folder: str, reporter: Reporter) -> LogHere:
    """`folder`: where logs of the run lie; made with the first that is printed.

    A file that stdout and stderr both lead to keeps what is printed itself. Where they lead to no file, as in a
    notebook, or belong to other threads too, it is not kept.
    """
    global _made
    try:
        if (sys.stdout.fileno(), sys.stderr.fileno()) != (1, 2) or get_native_id() != os.getpid():
            return LogHere(folder=folder)
        if path := _file():
            return LogHere(path, folder)
        from .relay import Relay  # not needed by workers

        _made += 1
        name = "driver.log" if _made == 1 else f"driver-{_made}.log"
        relay = Relay(os.path.abspath(os.path.join(folder, name)), reporter.status)
        return LogHere(relay.path, folder, relay)
    except (OSError, ValueError, AttributeError):  # no stdout, or one without a file; no room for a process
        return LogHere(folder=folder)


def _file() -> str:
    """The absolute path of the file that both lead to; empty when it is none, or not the same."""
    out = os.fstat(1)
    if not stat.S_ISREG(out.st_mode) or not os.path.samestat(out, os.fstat(2)):
        return ""
    path = os.readlink("/proc/self/fd/1")
    return path if os.path.exists(path) and os.path.samestat(os.stat(path), out) else ""

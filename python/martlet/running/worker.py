"""The process that runs tasks, one after another, as the driver names them."""

from __future__ import annotations

import logging
import os
import signal
import socket
import struct
import sys
from types import FrameType
from typing import TextIO

from .execution import Execution

_INDEX = struct.Struct("<I")


class Worker:
    """Receives task indices (u32 each) on a socket, runs the tasks in order, answers with outcome frames."""

    def __init__(self, connection: socket.socket) -> None:
        """Installs this process's signal handlers: programs that tasks start inherit none that ignores."""
        self._connection = connection
        self._busy = False
        signal.signal(signal.SIGINT, self._on_interrupt)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)

    def serve(self, execution: Execution) -> None:
        """Works until the driver hangs up. `execution` was made after this worker: see `Surroundings`."""
        rest = b""
        while True:
            received = self._connection.recv(4096)
            if not received:
                return
            rest += received
            whole = len(rest) - len(rest) % _INDEX.size
            for (index,) in _INDEX.iter_unpack(rest[:whole]):
                self._connection.sendall(self._run(execution, index))
            rest = rest[whole:]

    def _run(self, execution: Execution, index: int) -> bytes:
        self._busy = True
        try:
            outcome = execution.run(index)
        finally:
            self._busy = False
        return outcome.frame()

    def _on_interrupt(self, _number: int, _frame: FrameType | None) -> None:
        """An interrupt is meant for the task; between tasks it has nobody to reach."""
        if self._busy:
            raise KeyboardInterrupt


def redirect_output(path: str) -> int:
    """Appends this process's stdout and stderr to a file and takes its stdin away. Returns a descriptor of the file.

    Python's own streams are made anew on the same descriptors: in a notebook or under a test runner the ones that
    were inherited lead elsewhere.
    """
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(log, descriptor)
        old = getattr(sys, name)
        new = open(descriptor, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)
        _redirect_logging(old, new)
    return log


def _redirect_logging(old: object, new: TextIO) -> None:
    """Logging handlers keep the stream that they were made with."""
    loggers = [logging.getLogger(), *logging.Logger.manager.loggerDict.values()]
    for logger in loggers:
        for handler in getattr(logger, "handlers", ()):
            if isinstance(handler, logging.StreamHandler) and handler.stream is old:
                handler.stream = new  # setStream() would flush the old one, which is the driver's

"""The process that runs tasks, one after another, as the driver names them."""

from __future__ import annotations

import logging
import os
import signal
import socket
import struct
import sys
from array import array
from types import FrameType
from typing import TextIO

from .. import fail_points
from .combined import Batches
from .execution import Execution
from .own_log import OwnLog
from .series import Series
from .wear import Wear

_HEAD = struct.Struct("<III")
"""task, verb, length of what follows: `WorkerMessage` in the runtime."""
_RUN, _RESUME, _FORGET, _LEARN, _EQUIP, _LOG = range(6)


class Worker:
    """Obeys messages on a socket, in order; answers each execution with an outcome frame."""

    def __init__(self, connection: socket.socket, wear: Wear) -> None:
        """Installs this process's signal handlers: programs that tasks start inherit none that ignores."""
        self._connection = connection
        self._wear = wear
        self._busy = False
        self._own_log = ""
        self.trouble = ""
        """Why this worker can run nothing: its tasks fail with that cause."""
        signal.signal(signal.SIGINT, self._on_interrupt)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)

    def serve(self, execution: Execution, series: Series, batches: Batches) -> None:
        """Works until the driver hangs up. `execution` was made after this worker: see `Surroundings`."""
        received = b""
        while True:
            try:
                more = self._connection.recv(65536)
            except ConnectionResetError:  # killed before it had read our last answer
                return
            if not more:
                return
            received += more
            series.begin()
            at = 0
            while len(received) - at >= _HEAD.size:
                task, verb, length = _HEAD.unpack_from(received, at)
                end = at + _HEAD.size + length
                if len(received) < end:
                    break
                self._obey(execution, batches, series, verb, task, received[at + _HEAD.size : end])
                at = end
            received = received[at:]

    def _obey(
        self, execution: Execution, batches: Batches, series: Series, verb: int, task: int, description: bytes
    ) -> None:
        if verb == _LEARN:
            execution.learn(description)
        elif verb == _FORGET:
            batches.of(task).forget(task)
        elif verb == _EQUIP:
            execution.equip(description.decode())
        elif verb == _LOG:
            self._own_log = os.fsdecode(description)
        else:
            self._busy = True
            if fail_points.armed:
                fail_points.reach("worker.run")
            try:
                if verb == _RUN:
                    running = batches.lead(task, array("I", description)) if description else execution
                else:
                    running = batches.of(task)
                if running is execution and verb == _RUN and not (self.trouble or self._own_log):
                    return self._run(series, task)
                if self.trouble:
                    outcome = running.refuse(task, self.trouble)
                elif self._own_log:
                    with OwnLog(self._own_log, running) as own:
                        outcome = running.run(task) if verb == _RUN else running.resume(task)
                        own.mark(outcome)
                else:
                    outcome = running.run(task) if verb == _RUN else running.resume(task)
            finally:
                self._busy = False
                self._own_log = ""
            self._wear.look_at(outcome)
            self._tell(outcome.frame())
            series.begin()

    def _run(self, series: Series, task: int) -> None:
        outcome = series.run(task)
        self._busy = False
        if outcome is None and self._wear.left(series.peak):
            outcome = series.last()
        if outcome is not None:
            self._wear.look_at(outcome)
        # one by one: who knows what the next task does to this process
        self._tell(series.take() if outcome is None else outcome.frame())
        if outcome is not None:
            series.begin()

    def _tell(self, frame: bytes) -> None:
        if fail_points.armed:
            fail_points.reach("worker.outcome")
        self._connection.sendall(frame)

    def _on_interrupt(self, _number: int, _frame: FrameType | None) -> None:
        """An interrupt is meant for the task; between tasks it has nobody to reach."""
        if self._busy:
            raise KeyboardInterrupt


def redirect_output(path: str) -> int:
    """Appends this process's stdout and stderr to a file and takes its stdin away. Returns a descriptor of the file.

    `path`: empty for the file that stdout leads to already.

    Python's own streams are made anew on the same descriptors: in a notebook or under a test runner the ones that
    were inherited lead elsewhere.
    """
    if fail_points.armed:
        fail_points.reach("worker.log")
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644) if path else _duplicate(1)
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


def _duplicate(descriptor: int) -> int:
    """One that shares its offset: where a file was not opened for appending, nothing is written over."""
    duplicate = os.dup(descriptor)
    os.set_inheritable(duplicate, False)
    return duplicate


def _redirect_logging(old: object, new: TextIO) -> None:
    """Logging handlers keep the stream that they were made with."""
    loggers = [logging.getLogger(), *logging.Logger.manager.loggerDict.values()]
    for logger in loggers:
        for handler in getattr(logger, "handlers", ()):
            if isinstance(handler, logging.StreamHandler) and handler.stream is old:
                handler.stream = new  # setStream() would flush the old one, which is the driver's

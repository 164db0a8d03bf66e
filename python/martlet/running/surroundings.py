"""What tasks share when they run one after another in a process, put back after each."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

# signal.getsignal makes an enum of its answer: 4 us a call, five calls a task
from _signal import getsignal  # type: ignore[import-not-found]  # isort: skip


class Surroundings:
    """Working directory, environment, umask, signal handlers and logging handlers as they were when this was made."""

    _SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE)

    def __init__(self) -> None:
        self._directory = os.getcwdb()
        self._environment = dict(_variables())
        self._umask = os.umask(0)
        os.umask(self._umask)
        # a handler that was not installed from Python reads None and cannot be put back
        handlers = [(int(number), getsignal(number)) for number in self._SIGNALS]
        self._handlers = [(number, handler) for number, handler in handlers if handler is not None]
        self._numbers = [number for number, _ in self._handlers]
        self._installed = [handler for _, handler in self._handlers]
        self._logging = list(_root_handlers())
        self._streams = {name: getattr(sys, name) for name in ("stdout", "stderr")}
        self._stdout, self._stderr = self._streams.values()

    def restore(self) -> None:
        """Puts back whatever a task left otherwise, and writes out what it printed.

        Signal handlers only on the main thread, where they can be set.
        """
        self.flush()
        try:
            moved = os.getcwdb() != self._directory
        except FileNotFoundError:  # the task removed the directory it stood in
            moved = True
        if moved:
            os.chdir(self._directory)
        environ = os.environ
        if getattr(environ, "_data", environ) != self._environment:
            _set_variables(self._environment)
        os.umask(self._umask)
        if list(map(getsignal, self._numbers)) != self._installed:
            for number, handler in self._handlers:
                if getsignal(number) is not handler and _on_main_thread():
                    signal.signal(number, handler)
        logging: Any = sys.modules.get("logging")
        if logging is not None and logging.root.handlers != self._logging:
            logging.root.handlers[:] = self._logging

    def accept(self) -> None:
        """Takes the environment as it is now for what is put back."""
        self._environment = dict(_variables())

    def flush(self) -> None:
        """Puts back stdout and stderr, and writes out what was printed. A stream that a task closed is made anew."""
        out, err = sys.stdout, sys.stderr
        if out is self._stdout and err is self._stderr:
            try:
                out.flush()
                err.flush()
                return
            except (AttributeError, OSError, ValueError):
                pass  # closed, or full, or none: looked at one by one
        for descriptor, (name, stream) in enumerate(self._streams.items(), 1):
            left = getattr(sys, name)
            if stream is not None and getattr(stream, "closed", False):
                stream = open(descriptor, "w", buffering=1, errors="backslashreplace", closefd=False)
                self._streams[name] = stream
            for printed in {id(left): left, id(stream): stream}.values():
                _flush(printed)
            if left is not stream:
                setattr(sys, name, stream)
        self._stdout, self._stderr = self._streams.values()


def _flush(stream: Any) -> None:
    try:
        stream.flush()
    except (AttributeError, OSError, ValueError):
        pass  # the task's own stream, closed or no stream at all: what it printed there is its own affair


def _root_handlers() -> list[Any]:
    """Those of the root logger; where nothing has imported logging it need not be either."""
    logging: Any = sys.modules.get("logging")
    return [] if logging is None else logging.root.handlers


def _on_main_thread() -> bool:
    import threading  # seldom asked for

    return threading.current_thread() is threading.main_thread()


def _variables() -> Mapping[Any, Any]:
    """The environment as CPython holds it: comparing it costs 1 us, comparing os.environ decodes every variable."""
    return getattr(os.environ, "_data", os.environ)


def _set_variables(wanted: Mapping[Any, Any]) -> None:
    for name in [name for name in _variables() if name not in wanted]:
        del os.environ[os.fsdecode(name)]
    for name, value in wanted.items():
        os.environ[os.fsdecode(name)] = os.fsdecode(value)

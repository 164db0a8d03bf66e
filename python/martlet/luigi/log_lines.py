"""Lines of luigi's log: many a run, each in luigi's words."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .setup_logging import LINE


class LogLines:
    """Logs lines at a logger, which is one of `logging`.

    As long as luigi's own handler alone is there to see them, they are written without records: these are most of what
    a line costs.
    """

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._kept: list[str] | None = None
        """Lines to be written together, to this handler."""
        self._handler: logging.StreamHandler[Any] | None = None

    def say(self, level: int, text: str, *arguments: Any) -> None:
        """One line: `text` with its `arguments`, as `Logger.log` takes them."""
        if not self._logger.isEnabledFor(level):
            return
        handler = self._only_handler() if self._kept is None else self._handler
        if handler is None or handler.level > level:
            self._logger.log(level, text, *arguments, stacklevel=2)
            return
        line = f"{logging.getLevelName(level)}: {text % arguments}{handler.terminator}"
        if self._kept is None:
            _write(handler, line)
        else:
            self._kept.append(line)

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is said within it may be written in one go, which costs less. Nothing of the user's may run in it."""
        self._handler, self._kept = self._only_handler(), []
        try:
            yield
        finally:
            kept, self._kept = self._kept, None
            if kept and self._handler is not None:
                _write(self._handler, "".join(kept))

    def _only_handler(self) -> logging.StreamHandler[Any] | None:
        """The one handler, if all that it does with a record is to write the line; None if there is more to it."""
        logger = self._logger
        if type(logger) is not logging.Logger or len(logger.handlers) != 1 or logger.filters:
            return None
        handler, above = logger.handlers[0], logger.parent if logger.propagate else None
        while above is not None:
            if above.handlers:
                return None
            above = above.parent if above.propagate else None
        if type(handler) is not logging.StreamHandler or handler.filters:
            return None
        formatter = handler.formatter
        plain = type(formatter) is logging.Formatter and formatter._fmt == LINE
        return handler if plain and logging.getLogRecordFactory() is logging.LogRecord else None


def _write(handler: logging.StreamHandler[Any], text: str) -> None:
    from ..running.relay import pass_by  # only those who write something need it

    stream = handler.stream
    handler.acquire()
    try:
        stream.flush()
        if stream is not sys.stderr or not pass_by(text):
            stream.write(text)
            stream.flush()
    except Exception:  # whoever reads it may be gone: told as the handler would tell it
        handler.handleError(logging.makeLogRecord({"msg": text}))
    finally:
        handler.release()


__all__ = ["LogLines"]

"""How far transfers have come, for whoever waits for them."""

from __future__ import annotations

import sys
import time
from typing import Any

_SILENT = 1.0
"""Seconds that transfers may take without a word."""
_ON_TERMINAL = 0.25
_IN_LOG = 10.0
"""Seconds between two words."""


class TransferDisplay:
    """Shows transfers that take long: behind the time of a task that runs in the driver, on a line of the terminal
    outside of a run, and as a line of the log now and then elsewhere."""

    def __init__(self, doing: str, files: int) -> None:
        """`doing`: fetching or storing; `files`: how many."""
        self._doing = doing
        self._files = files
        self._begun = time.monotonic()
        self._next = self._begun + _SILENT
        self._hide = _nothing

    def progress(self, bytes_done: int, bytes_total: int, files_done: int, files_total: int) -> None:
        """Called now and then; sizes are known as far as they are."""
        now = time.monotonic()
        if now < self._next:
            return
        text = self._text(bytes_done, max(bytes_total, bytes_done), files_done, files_total, now - self._begun)
        self._next = now + self._show(text, now)

    def _text(self, done: int, total: int, files: int, of: int, seconds: float) -> str:
        amount = f"{size(done)} of {size(total)}, {size(done / seconds)}/s"
        return f"{self._doing} {amount}" if of == 1 else f"{self._doing} {files} of {of} files, {amount}"

    def _show(self, text: str, now: float) -> float:
        """Returns for how long that is enough."""
        from ..running import relay  # only those who wait need it

        if relay.say(text):
            self._hide = relay.unsay
            return _ON_TERMINAL
        stream: Any = sys.stderr
        if stream is None:
            return _IN_LOG
        if stream.isatty():
            stream.write(f"\r\033[Kmartlet: {text}")
            stream.flush()
            self._hide = _clear
            return _ON_TERMINAL
        if now - self._begun >= _IN_LOG:
            stream.write(f"martlet: {text}\n")
            stream.flush()
        return _IN_LOG - _SILENT

    def __enter__(self) -> TransferDisplay:
        return self

    def __exit__(self, *exception: object) -> None:
        self._hide()


def _nothing() -> None:
    pass


def _clear() -> None:
    sys.stderr.write("\r\033[K")
    sys.stderr.flush()


def size(count: float) -> str:
    """`3.4 GB`."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"

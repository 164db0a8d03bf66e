"""How one execution ended, as bytes: what a worker sends to the driver.

A frame, little-endian, read by `Sources/MartletRuntime/OutcomeFrame.swift`:

    length u32 (of all that follows), task u32, kind u8, worn u8, own log u8, a byte of padding,
    start i64 (ns since 1970-01-01 UTC), wall f64 (s), cpu f64 (s), peak memory u64 (kB),
    log offset u64, log length u64 (bytes), text length u32, text (UTF-8),
    fragment (the members of a JSON object that describe the task, UTF-8)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum

_LAYOUT = struct.Struct("<IIBBBxqddQQQI")
_LENGTH_FIELD = 4


class Kind(IntEnum):
    """The same numbers as `Outcome.Kind` in the engine."""

    DONE = 0
    RAISED = 1
    OUTPUTS_NOT_MADE = 2
    WORKER_LOST = 3
    INTERRUPTED = 4
    COULD_NOT_START = 5
    TIMED_OUT = 6
    OUT_OF_MEMORY = 7
    STORAGE_TROUBLE = 8


ASKS = 100
"""Stands where a frame has its kind: the task has not ended, it asks for others (`martlet.running.description`)."""


class Outcome:
    """How one execution ended."""

    __slots__ = (
        "task",
        "kind",
        "asks",
        "worn",
        "own_log",
        "start",
        "wall",
        "cpu",
        "peak",
        "log_offset",
        "log_length",
        "text",
        "fragment",
    )

    def __init__(self, task: int, start: int = 0, kind: int = Kind.DONE) -> None:
        self.task = task
        self.kind = kind
        self.asks = False
        """The task has not ended: it asks for others, described in `text` as a JSON array."""
        self.worn = False
        """The process had better run no other task."""
        self.own_log = False
        """What it printed is in a file of its own."""
        self.start = start
        """Nanoseconds since 1970-01-01 UTC."""
        self.wall = 0.0
        """Seconds."""
        self.cpu = 0.0
        """Seconds of processor time, children that were waited for included."""
        self.peak = 0
        """Largest resident memory of the process so far, kB."""
        self.log_offset = 0
        self.log_length = 0
        self.text = ""
        """The cause in one line, an empty line, details; for a task that is done: a hint, or nothing."""
        self.fragment = ""
        """Members of a JSON object, without its braces."""

    def frame(self) -> bytes:
        """The bytes of the frame."""
        text = self.text.encode("utf-8", "backslashreplace") if self.text else b""
        fragment = self.fragment.encode("utf-8", "backslashreplace")
        head = _LAYOUT.pack(
            _LAYOUT.size - _LENGTH_FIELD + len(text) + len(fragment),
            self.task,
            ASKS if self.asks else self.kind,
            self.worn,
            self.own_log,
            self.start,
            self.wall,
            self.cpu,
            self.peak,
            self.log_offset,
            self.log_length,
            len(text),
        )
        return head + text + fragment


def split(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Task, kind and bytes of each frame, up to the first that is not whole, or is none."""
    begin = 0
    while len(data) - begin >= _LAYOUT.size:
        length, task, kind, *_, text = _LAYOUT.unpack_from(data, begin)
        end = begin + _LENGTH_FIELD + length
        if length < _LAYOUT.size - _LENGTH_FIELD + text or end > len(data):
            return
        yield task, kind, data[begin:end]
        begin = end

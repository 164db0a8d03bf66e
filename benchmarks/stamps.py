"""When tasks that do nothing were run: one number a task in a file that all processes map."""

from __future__ import annotations

import mmap
import struct
import time

_ENTRY = struct.Struct("<d")
_open: dict[str, mmap.mmap] = {}


def make(path: str, count: int) -> None:
    """Makes the file for `count` tasks."""
    with open(path, "wb") as file:
        file.truncate(count * _ENTRY.size)


def stamp(path: str, number: int) -> None:
    """Called by a task, in whatever process it runs: the time now."""
    mapped = _open.get(path)
    if mapped is None:
        with open(path, "r+b") as file:
            mapped = _open[path] = mmap.mmap(file.fileno(), 0)
    _ENTRY.pack_into(mapped, number * _ENTRY.size, time.monotonic())


def window(path: str) -> tuple[int, float]:
    """How many tasks ran, and the seconds from the first to the last."""
    with open(path, "rb") as file:
        times = [value for (value,) in _ENTRY.iter_unpack(file.read()) if value]
    return len(times), max(times) - min(times)

"""What was made from files and folders, for as long as they are what they were."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Made = TypeVar("Made")

_SETTLED = 2_000_000_000
"""Nanoseconds: a file that was written later may be written again within one tick of its time."""


def state(status: os.stat_result) -> tuple[int, ...]:
    """What differs between two states of a file or folder, once the first is settled."""
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def is_settled(status: os.stat_result) -> bool:
    """Whether every later state will be told apart from this one: to be asked at once, before anything is read."""
    return time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > _SETTLED


class Unchanged(Generic[Made]):
    """Keeps, by path, what a function makes from a file's content or a folder's list of names.

    What it gives is shared: nobody may change it.
    """

    def __init__(self, make: Callable[[str], Made]) -> None:
        self._make = make
        self._known: dict[str, tuple[tuple[int, ...], Made]] = {}

    def of(self, path: str) -> Made:
        """Made anew when the file or folder is not what it was. Raises OSError where it is not there, and whatever
        the function does."""
        # first: what is written meanwhile has another state the next time
        status = os.stat(path)
        now = state(status)
        known = self._known.get(path)
        if known is not None and known[0] == now:
            return known[1]
        # as of now: making may take longer than it takes to settle
        settled = is_settled(status)
        made = self._make(path)
        if settled:
            self._known[path] = now, made
        return made

"""A job that takes slices of its submission one after the other, as pilots do: by claims in the submission's folder.

    17.claim       made once, by whoever has slice 17: `3` and a line feed for pilot 3, `driver` for a driver
    17.3.result    what pilot 3 has left of it (`martlet.running.results`)
    2000.added     descriptions of the slices from 2000 on, which came when the jobs were submitted already: a line of
                   what is new for them (`Slice`), then a line for each

No driver is asked: pilots go on when it is dead. `Sources/MartletRuntime/SliceClaim.swift` is the driver's side.
"""

from __future__ import annotations

import json
import os
import time
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .. import fail_points
from .outcome import Kind, split
from .results import result_of

_MARGIN = 120.0
"""Seconds before its walltime is over in which a pilot is at work on nothing; a tenth of it at the most."""
_TIMES = 2.0
"""The next slice may take so many times what the longest has taken."""


class Slice(NamedTuple):
    """A slice that a job runs."""

    number: int
    tasks: list[dict[str, Any]]
    """As `martlet.running.jobs` describes them."""
    told: Mapping[str, Any]
    """`facts`, of code, that they refer to, by digest; `after`, the moment that their reports are to be later than."""


def slice_head(head: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the first line of a file tells of the slices in it."""
    return {name: head[name] for name in ("facts", "after") if name in head}


class Pilot:
    """Iterating over it claims slices, until none is left, another might not end in time, or a process was lost.

    Only the end of the job tells why a process was lost, of its memory above all. Raises OSError.
    """

    def __init__(self, description: Path, index: int, told: Mapping[str, Any], begin: float) -> None:
        """`told`: what the description says of pilots; `begin`: when the job began, on the monotonic clock.

        Raises ValueError where the folder is a copy: every pilot would have all slices to itself. Raises OSError.
        """
        if not os.path.exists(told["file"]) or not os.path.samefile(description, told["file"]):
            raise ValueError(
                f"it is a copy of {told['file']}, whose folder pilots share: "
                "give --tasks-per-job in the place of --pilots"
            )
        self._folder = description.parent
        self._index = index
        self._count: int = told["count"]
        walltime: float | None = told["walltime"]
        self._end = None if walltime is None else begin + walltime - min(_MARGIN, walltime / 10)
        self._longest = 0.0
        self._places: dict[int, tuple[Path, int]] = {}
        """Where each slice is described: file and offset of its line."""
        self._heads: dict[Path, Mapping[str, Any]] = {}
        self._added: set[str] = set()
        self._taken: set[int] = set()
        """By others, as an attempt has shown: lists may be late."""
        self._free: deque[int] = deque()
        self._read(description, 0)
        self._look()
        if index in self._free:
            self._free.remove(index)
            self._free.appendleft(index)

    def __iter__(self) -> Iterator[Slice]:
        while self._has_time() and (number := self._next()) is not None:
            begin = time.monotonic()
            yield self._slice(number)
            self._longest = max(self._longest, time.monotonic() - begin)
            if self._has_lost(number):
                return

    def _has_lost(self, number: int) -> bool:
        """Whether a process that ran tasks of the slice was lost."""
        try:
            left = result_of(self._folder, number, by=self._index).read_bytes()
        except FileNotFoundError:
            return False
        return any(kind == Kind.WORKER_LOST for _, kind, _ in split(left))

    def _has_time(self) -> bool:
        return self._end is None or time.monotonic() + _TIMES * self._longest < self._end

    def _next(self) -> int | None:
        while True:
            while self._free:
                number = self._free.popleft()
                if self._claim(number):
                    return number
                self._taken.add(number)
                self._look()  # whoever was quicker has more
            self._look()  # what came since
            if not self._free:
                return None

    def _claim(self, number: int) -> bool:
        """Whether the slice is this pilot's now."""
        if fail_points.armed:
            fail_points.reach("job.claim")
        path = self._folder / f"{number}.claim"
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            return False
        try:
            try:
                os.write(file, f"{self._index}\n".encode())
            finally:
                os.close(file)
        except OSError:
            os.unlink(path)  # nothing has begun
            raise
        if fail_points.armed:
            fail_points.reach("job.claimed")
        return True

    def _look(self) -> None:
        """Finds out what is free: one listing."""
        claimed = set(self._taken)
        for name in os.listdir(self._folder):
            number, _, kind = name.partition(".")
            if kind == "claim":
                claimed.add(int(number))
            elif kind == "added" and name not in self._added:
                self._added.add(name)
                self._read(self._folder / name, int(number))
        free = [number for number in sorted(self._places) if number not in claimed]
        # each begins elsewhere, so that few want the same
        turn = len(free) * self._index // self._count
        self._free = deque(free[turn:] + free[:turn])

    def _read(self, path: Path, first: int) -> None:
        with open(path, "rb") as file:
            head = file.readline()
            self._heads[path] = slice_head(json.loads(head))
            offset = len(head)
            for number, line in enumerate(file, first):
                self._places[number] = (path, offset)
                offset += len(line)

    def _slice(self, number: int) -> Slice:
        path, offset = self._places[number]
        with open(path, "rb") as file:
            file.seek(offset)
            return Slice(number, json.loads(file.readline())["tasks"], self._heads[path])

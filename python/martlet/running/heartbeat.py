"""What a job says while it is at work: that it is alive, and how far it has come."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from ..task import Task
from .live_notes import LiveNotes
from .progress import Progress
from .reporter import Silent
from .states import OVER, State
from .title import title

if TYPE_CHECKING:
    from .._bridge import Run

_MOST_NAMED = 8
"""Running tasks that are named."""


class Heartbeat(Progress):
    """A small file beside the job's result, put in place of the one before. That it cannot be written fails nothing."""

    _due: ClassVar[dict[Path, float]] = {}
    """When each file is to be written next: short slices that a pilot runs one after the other share it."""

    def __init__(self, run: Run, tasks: Sequence[Task], count: int, path: Path, interval: float) -> None:
        """`count`: the first tasks are those of the slice. `interval`: seconds from one to the next."""
        super().__init__(run, Silent(), tasks, (), LiveNotes(Silent()))
        self._count = count
        self._path = path
        self._interval = interval

    def report(self, *, now: bool = False) -> None:
        """Says so when it is time, or at once."""
        if now or time.monotonic() >= self._due.get(self._path, 0.0):
            self._write()

    def finish(self) -> None:
        """The last word."""
        self._write()

    def _write(self) -> None:
        self._due[self._path] = time.monotonic() + self._interval
        states = self._run.states()[: self._count]
        over = sum(state in OVER for state in states)
        running = [index for index, state in enumerate(states) if state == State.RUNNING]
        said = {
            "at": time.time_ns(),
            "host": os.uname().nodename,
            "pid": os.getpid(),
            "over": over,
            "tasks": self._count,
            "running": [title(self._tasks[index]) for index in running[:_MOST_NAMED]],
        }
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with suppress(OSError):
            temporary.write_text(json.dumps(said) + "\n", encoding="utf-8")
            os.replace(temporary, self._path)

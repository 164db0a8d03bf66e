"""What happened, in order: one line an event, appended and forced to disk, where no fault reaches."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Event:
    """`what`: "begin" or "end" of a task's run(), "drive": a driver is about to be started."""

    what: str
    task: int = -1
    pid: int = 0
    parent: int = 0
    present: list[int] = field(default_factory=list)
    """Tasks whose outputs were there when the driver was started."""
    beside: bool = False
    """The driver that was started before is at work still."""


class History:
    """An append-only file of events, written by many processes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def begin(self, task: int) -> None:
        self._append({"what": "begin", "task": task, "pid": os.getpid(), "parent": os.getppid()})

    def end(self, task: int) -> None:
        self._append({"what": "end", "task": task, "pid": os.getpid(), "parent": os.getppid()})

    def drive(self, present: list[int], beside: bool = False) -> None:
        self._append({"what": "drive", "present": present, "beside": beside})

    def _append(self, event: dict[str, object]) -> None:
        line = json.dumps(event, separators=(",", ":")).encode() + b"\n"
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def events(self) -> list[Event]:
        if not self._path.exists():
            return []
        return [Event(**json.loads(line)) for line in self._path.read_text().splitlines()]

"""What a job leaves behind: outcomes of its tasks, one frame after the other, each on disk before the next begins.

Among them stand frames of other kinds, which the engine writes and reads (`JobResult` in the runtime).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from .. import fail_points
from .outcome import Kind, Outcome, split

_REPORTED, _PART = 101, 102
"""The outcome before it is reported, and where; a part of the segment of reports."""


def result_of(folder: Path, index: int, *, by: int | None = None) -> Path:
    """Where a submission's folder has the result of a slice; `by`: the pilot that took it."""
    return folder / (f"{index}.result" if by is None else f"{index}.{by}.result")


class Results:
    """The result file of one job. A job that is begun anew, as systems do whose node went down, goes on with it."""

    def __init__(self, path: Path) -> None:
        """Raises OSError."""
        self._path = path
        kept = list(self._kept())
        self.done = frozenset(place for place, kind, _ in kept if kind == Kind.DONE)
        """Places of tasks that have ended well."""
        self.is_resumed = bool(kept)
        """The job has run before."""
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        with open(temporary, "wb") as file:
            file.writelines(frame for *_, frame in kept)
        os.replace(temporary, path)

    def _kept(self) -> Iterator[tuple[int, int, bytes]]:
        try:
            before = self._path.read_bytes()
        except FileNotFoundError:
            return
        counts = False
        for place, kind, frame in split(before):
            if kind < _REPORTED:
                counts = kind == Kind.DONE
            if kind == _PART or (counts and kind <= _REPORTED):
                yield place, kind, frame

    def add(self, outcome: Outcome) -> None:
        """Appends an outcome. Raises OSError."""
        if fail_points.armed:
            fail_points.reach("job.result")
        with open(self._path, "ab") as file:
            file.write(outcome.frame())
            file.flush()
            os.fsync(file.fileno())

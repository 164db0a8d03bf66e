"""What a job leaves behind: outcomes of its tasks, one frame after the other, each on disk before the next begins."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from .. import fail_points
from .outcome import Kind, Outcome, split


class Results:
    """The result file of one job. A job that is begun anew, as systems do whose node went down, goes on with it."""

    def __init__(self, path: Path) -> None:
        """Raises OSError."""
        self._path = path
        kept = list(self._kept())
        self.done = frozenset(place for place, _ in kept)
        """Places of tasks that have ended well."""
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        with open(temporary, "wb") as file:
            file.writelines(frame for _, frame in kept)
        os.replace(temporary, path)

    def _kept(self) -> Iterator[tuple[int, bytes]]:
        try:
            before = self._path.read_bytes()
        except FileNotFoundError:
            return
        for place, kind, frame in split(before):
            if kind == Kind.DONE:
                yield place, frame

    def add(self, outcome: Outcome) -> None:
        """Appends an outcome. Raises OSError."""
        if fail_points.armed:
            fail_points.reach("job.result")
        with open(self._path, "ab") as file:
            file.write(outcome.frame())
            file.flush()
            os.fsync(file.fileno())

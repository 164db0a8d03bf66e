"""Notes of a whole run, told when they arise."""

from __future__ import annotations

from collections.abc import Iterable

from .reporter import Reporter, Silent


class LiveNotes:
    """Hands notes on to a reporter, and knows which it was told."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self.told: list[str] = []

    def take(self, notes: Iterable[str]) -> None:
        """Notes that were not there before."""
        if type(self._reporter) is Silent:  # they stay for the result
            return
        for note in notes:
            self._reporter.note(note)
            self.told.append(note)

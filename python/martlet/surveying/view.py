"""Which part of an analysis is meant: how far from what was asked for, and which tasks."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from ..data import Data

if TYPE_CHECKING:
    from .survey import Survey
    from .task import SurveyedTask


class View(Data):
    depth: int = -1
    """Levels below what was asked for; -1: all."""
    until: tuple[str, ...] = ()
    """Shell patterns of families below which nothing is meant."""
    pattern: str = ""
    """Only tasks whose id, family or title fits it; empty: all."""
    verbose: bool = False
    """Task by task, however many they are."""

    @classmethod
    def reaching(cls, text: str, pattern: str = "", *, verbose: bool = False) -> View:
        """A reach as law writes it: a depth, families at which it ends, or both with `|` between: `2|Events*`.

        Raises ValueError for something else.
        """
        parts = [part.strip() for part in text.split("|")]
        numbers = [int(part) for part in parts if part.lstrip("-").isdigit()]
        until = tuple(part for part in parts if not part.lstrip("-").isdigit())
        if "" in until or len(numbers) > 1 or min(numbers, default=-1) < -1:
            raise ValueError(f"{text!r} is no number of levels")
        return cls(numbers[0] if numbers else -1, until, pattern, verbose)

    def ends_at(self, family: str) -> bool:
        """Whether nothing below tasks of the family is meant."""
        return any(fnmatchcase(family, pattern) for pattern in self.until)

    def tasks(self, survey: Survey) -> list[SurveyedTask]:
        """The tasks that are meant, nearest first."""
        within = survey.within(self.depth, self.until)
        if not self.pattern:
            return within
        fitting = {task.index for task in survey.fitting(self.pattern)}
        return [task for task in within if task.index in fitting]

"""What can be said of a name of luigi's or law's."""

from __future__ import annotations

from enum import Enum

from ..data import Data


class Verdict(str, Enum):
    """How something fares on Martlet; the value is what is said of it."""

    WORKS = "works"
    DIFFERS = "works differently"
    REWRITTEN = "is written differently"
    """The analysis has to be changed: Martlet has it in another form."""
    NONE = "has no counterpart"
    UNKNOWN = "is not known"
    """Nothing reads it, in luigi neither."""

    @property
    def stands_in_the_way(self) -> bool:
        """Whether the analysis does not run as it stands."""
        return self in (Verdict.REWRITTEN, Verdict.NONE)


class Row(Data):
    """One row of the tables of names: names that live in one place and fare alike."""

    home: str
    """The module they belong to, or the class."""
    names: tuple[str, ...]
    verdict: Verdict
    answer: str
    """What is said of them, in Markdown."""
    difference: str = ""
    """The name of the documented difference that they show."""

    @property
    def name(self) -> str:
        """Of a row with one name, or none: in full."""
        return ".".join([self.home, *self.names])


def row(home: str, names: str, verdict: Verdict, answer: str, difference: str = "") -> Row:
    """A row whose names are given as words."""
    return Row(home, tuple(names.split()), verdict, answer, difference)

"""One thing that an analysis uses, and how that fares."""

from __future__ import annotations

from ..data import Data
from .verdict import Verdict


class Place(Data):
    """A line of a file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class Finding(Data):
    """What is used, where, and what is to be said of it."""

    kind: str
    """name, change, member, subclass, construct, setting, sandbox."""
    subject: str
    verdict: Verdict
    why: str
    """In Markdown, as the documentation has it; links are relative to docs/."""
    places: tuple[Place, ...]
    way_out: str = ""
    """What to do, where that is not clear from `why`."""
    difference: str = ""
    """The documented difference that it shows (docs/migrate.md)."""

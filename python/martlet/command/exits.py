"""What the exit statuses of a command mean."""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple

from ..running.outcome import Kind


class Exit(Enum):
    """A meaning that decides what happens to the task; its retry policy names the causes."""

    SUCCESS = Kind.DONE
    """Counts as success."""
    ERROR = Kind.RAISED
    """The command's own failure: what every other status than 0 is."""
    STORAGE = Kind.STORAGE_TROUBLE
    """Trouble with storage that may be over soon."""
    MEMORY = Kind.OUT_OF_MEMORY
    """It ran out of memory."""
    LOST = Kind.WORKER_LOST
    """It was lost, as if it had been killed."""


class Meaning(NamedTuple):
    """A kind of end, and the task's own words for it."""

    kind: Kind
    words: str


def meanings(exit_codes: Any) -> dict[int, Meaning]:
    """The meanings of a task's `exit_codes`. Raises ValueError for what is none."""
    found: dict[int, Meaning] = {}
    for status, said in dict(exit_codes).items():
        if not isinstance(status, int) or not 0 <= status <= 255:
            raise ValueError(f"exit_codes: {status!r} is no exit status: they are 0 to 255")
        found[status] = _meaning(status, said)
    return found


def _meaning(status: int, said: Any) -> Meaning:
    if isinstance(said, str):
        return Meaning(Kind.RAISED, said)
    if isinstance(said, Exit):
        return Meaning(said.value, "" if said in (Exit.SUCCESS, Exit.ERROR) else _WORDS[said])
    if isinstance(said, tuple) and len(said) == 2 and isinstance(said[0], Exit) and isinstance(said[1], str):
        return Meaning(said[0].value, said[1])
    raise ValueError(f"exit_codes: {said!r} for {status}: give words, a martlet.Exit, or both as a pair")


_WORDS = {Exit.STORAGE: "trouble with storage", Exit.MEMORY: "out of memory", Exit.LOST: "lost"}

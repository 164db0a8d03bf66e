"""How the tests of one file ended, read from what `recording` wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

_RANK = {"unended": 0, "passed": 1, "skipped": 2, "failed": 3}


class Outcome(NamedTuple):
    """How one test ended."""

    test: str
    outcome: str
    """passed, failed, skipped, or unended if the time limit or a crash came before its end."""
    why: str


class FileOutcome(NamedTuple):
    """How the tests of one file ended."""

    file: str
    tests: tuple[Outcome, ...]
    seconds: float
    ended: str = ""
    """Why the process did not come to its end; empty if it did."""

    def count(self, outcome: str) -> int:
        return sum(test.outcome == outcome for test in self.tests)


def read(lines: Iterable[str]) -> tuple[Outcome, ...]:
    """One outcome a test, in the order of their beginnings; the worst of a test's phases counts."""
    found: dict[str, Outcome] = {}
    for line in lines:
        entry = Outcome(**json.loads(line))
        known = found.get(entry.test)
        if known is None or _RANK[entry.outcome] > _RANK[known.outcome]:
            found[entry.test] = entry
    return tuple(found.values())

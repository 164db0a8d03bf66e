"""Answers as values with named fields."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ..data import Data


class Execution(Data):
    """One execution of a task. Times in seconds, sizes in bytes; None for what is not known."""

    task: str
    """The task's id."""
    family: str
    title: str
    name: str
    """The short name of its report."""
    outcome: str
    """`done` or `failed`."""
    start: int
    """Nanoseconds since 1970-01-01 UTC, by the clock of its host."""
    wall: float
    cpu: float | None
    rss: int | None
    """Peak resident memory in kB."""
    bytes: int | None
    """Sum of its outputs' sizes, as far as they are known."""
    attempt: int
    host: str
    user: str
    segment: str
    number: int
    """Its segment, and its number there: what the execution is known by for ever."""
    cause: str = ""
    """Why it failed, in one line."""
    why: str = ""
    """Why it ran: a reason's code."""

    @property
    def started(self) -> datetime:
        """In UTC, to the microsecond."""
        return datetime.fromtimestamp(self.start // 1000 / 1e6, timezone.utc)

    @classmethod
    def of(cls, told: dict[str, Any]) -> Execution:
        return cls(**{("attempt" if name == "try" else name): value for name, value in told.items()})


class FamilyStatus(Data):
    """A family by the newest execution of each of its tasks."""

    name: str
    tasks: int
    done: int
    failed: int
    removed: int
    """Whose outputs were removed since they ran."""
    cpu: float
    wall: float
    bytes: int
    newest: int
    """When the newest started: nanoseconds since 1970-01-01 UTC."""


class TreeRow(Data):
    """A family below those that need it."""

    family: str
    depth: int
    needs: tuple[str, ...]


class Status(Data):
    families: list[FamilyStatus]
    """In the order in which they first ran."""
    failures: list[Execution]
    """Tasks that failed at their last execution."""
    tree: list[TreeRow]
    """Where a depth was asked for."""


class TaskHistory(Data):
    task: str
    title: str
    executions: list[Execution]
    """Oldest first."""


class Difference(Data):
    first: Execution
    second: Execution
    differences: dict[str, tuple[Any, Any]]
    """By the member of a report, e.g. `params.dataset`; None where one has no such member."""


class Amount(Data):
    """A sum with its standard deviation."""

    expected: float
    uncertainty: float

    @classmethod
    def of(cls, told: dict[str, float] | None) -> Amount | None:
        return None if told is None else cls(**told)


class Spread(Data):
    """How the values of single tasks scatter: two thirds of them lie between `low` and `high`."""

    median: float
    low: float
    high: float
    mean: float
    deviation: float

    @classmethod
    def of(cls, told: dict[str, float] | None) -> Spread | None:
        return None if told is None else cls(**told)


class FamilyEstimate(Data):
    name: str
    tasks: int
    samples: int
    """Executions that this is taken from."""
    failed: int
    """Executions among the last that failed."""
    wall: Spread | None
    cpu: Spread | None
    bytes: Spread | None


class Estimate(Data):
    """What tasks will probably take; None where nothing was measured."""

    families: list[FamilyEstimate]
    unknown: dict[str, int]
    """Families of which nothing is known, and how many tasks each would run."""
    wall: Amount | None
    cpu: Amount | None
    bytes: Amount | None
    elapsed: Amount | None
    """Seconds until all have run, by `workers` at a time; what waits for what is not looked at."""
    workers: int


class CheckedOutput(Data):
    task: str
    title: str
    name: str
    path: str
    finding: str
    """`missing`, `changed`, `rotten` or `unreachable`."""
    cause: str


class Verification(Data):
    counts: dict[str, int]
    """How many outputs were found to be what; `intact` and `plausible` are as they should be."""
    outputs: list[CheckedOutput]
    """All others."""

    def __bool__(self) -> bool:
        """Whether every output is what it should be."""
        return not self.outputs


class Compaction(Data):
    merged: list[str]
    result: str | None
    """The file that they became."""
    records: int
    dropped: int
    bytes_before: int
    bytes_after: int
    left_alone: dict[str, str]
    """By the file, why."""

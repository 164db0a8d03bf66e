"""What a run tells whoever watches it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ..data import Data
from .batch_view import BatchView
from .result import FamilyCount, RunResult


class RunningTask(Data):
    """A task that runs at this moment."""

    index: int
    title: str
    worker: int
    seconds: float
    """Since it was started."""
    log: str
    """File with what it prints; empty when that goes to the terminal."""


class FailedTask(Data):
    """A task that has failed."""

    title: str
    cause: str
    """One line."""
    log: str
    """File with what it printed; empty when that went to the terminal."""


class Snapshot(Data):
    """The run at one moment."""

    families: tuple[FamilyCount, ...]
    total: int
    """Tasks known so far."""
    to_run: int
    """Tasks of this run that have run or will, as far as known."""
    ended: int
    """Of those, how many have ended."""
    running: tuple[RunningTask, ...]
    elapsed: float
    rate: float
    """Ended tasks a second, over the last seconds."""
    left: float | None
    """Estimated seconds to the end; None when nothing can be said."""
    failures: tuple[FailedTask, ...] = ()
    """What failed since the last snapshot, at most twenty of them."""
    elsewhere: tuple[tuple[str, int], ...] = ()
    """Other runs that hold tasks which this one waits for, in words, and how many each."""
    is_growing: bool = False
    """More tasks are still being planned: every count is one so far."""
    running_untold: int = 0
    """How many tasks run besides `running`, which has some hundred at the most."""
    batch: BatchView | None = None
    """The jobs of a run with a batch system, once it has any; their tasks are not in `running`."""


class PlannedTask(Data):
    """A task as planned, for dry runs and the first line of a run."""

    index: int
    task_id: str
    title: str
    family: str
    state: str
    """present, waiting (would run), missing, broken or withheld."""
    reason: str
    """One line: why it would run, or why not."""
    command: Callable[[], str] | None = None
    """For a task that is a command: says which, in one line. None for others."""
    behind: int | None = None
    """The index of the task that the reason is about."""


class Reporter(Protocol):
    """Called on the driver's thread only, between tasks; nothing here may block or start a thread."""

    def planning(self, seen: int) -> None:
        """While planning, at most four times a second: tasks seen so far."""

    def planned(self, families: Sequence[FamilyCount], to_run: int) -> None:
        """The plan is complete; `to_run` tasks run, or have run by now."""

    def progress(self, snapshot: Snapshot) -> None:
        """At most four times a second."""

    def note(self, text: str) -> None:
        """A line for the user, at once."""

    def asks(self, question: str) -> bool:
        """Puts a question to the user of the terminal; whoever asks reads the answer. Nothing is drawn over it until
        `answered`. False: there is nobody to ask."""
        return False

    def answered(self, *, withdrawn: bool = False) -> None:
        """The question is answered by a line that was typed, or withdrawn without."""

    def started_here(self, task: object) -> bool:
        """A task starts in the driver, whose output goes to the terminal. Its repr() is its title.

        Says whether it wrote something."""

    def status(self, task: object) -> str:
        """What a terminal is to show behind the time that a task in the driver has taken, when it takes long."""
        return ""

    def printed(self, title: str, line: str) -> None:
        """A task in another process printed this; only called when that was asked for."""

    def finished(self, result: RunResult) -> None:
        """The last call."""


class Silent:
    """A reporter for those who only want the result."""

    def planning(self, seen: int) -> None: ...
    def planned(self, families: Sequence[FamilyCount], to_run: int) -> None: ...
    def progress(self, snapshot: Snapshot) -> None: ...
    def note(self, text: str) -> None: ...
    def asks(self, question: str) -> bool:
        return False

    def answered(self, *, withdrawn: bool = False) -> None: ...
    def started_here(self, task: object) -> bool:
        return False

    def status(self, task: object) -> str:
        return ""

    def printed(self, title: str, line: str) -> None: ...
    def finished(self, result: RunResult) -> None: ...

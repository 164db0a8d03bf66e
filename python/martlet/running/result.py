"""How a run ended."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from ..data import Data
from .batch_view import BatchView


class ExitCode(IntEnum):
    """Exit codes of every door to Martlet (docs/exit-codes.md)."""

    OK = 0
    """Everything that was asked for is complete."""
    FAILED = 1
    """At least one task failed that cannot be done without."""
    USAGE = 2
    """The command line, a parameter or the configuration is wrong; nothing was run."""
    MISSING = 3
    """External data is missing; nothing failed."""
    BROKEN = 4
    """The script does not import, a cycle, or requires(), output() or complete() raised."""
    INTERNAL = 5
    """Martlet itself failed."""
    LEFT = 6
    """Jobs are left in the batch system, or more is to be submitted, as `--no-wait` wants it; nothing failed."""
    INTERRUPTED = 130
    """Ctrl-C, SIGTERM or SIGHUP ended the run before everything was complete."""


class Ending(Data):
    """One task that did not simply succeed."""

    index: int
    task_id: str
    title: str
    """The task as an analyst writes it: `Selection(dataset=ttJets)`."""
    state: str
    """failed, interrupted (while it ran), left (its job goes on), missing, broken, blocked or withheld."""
    cause: str
    """One line."""
    details: str = ""
    """The traceback, the user's frames first; empty where there is none."""
    log: str = ""
    """File that holds what the task printed; empty when it went to the terminal."""
    log_offset: int = 0
    """Where its own part of that file begins, and how long it is, in bytes."""
    log_length: int = 0
    root: int | None = None
    """For a blocked task: the index of the task that blocks it."""
    is_unseen: bool = False
    """For a broken task: nothing is wrong with it, it could not be found out whether its outputs are there."""
    has_job: bool = False
    """For a broken task: nothing is wrong with it, a job in another batch system may be doing it."""
    is_spared: bool = False
    """Only branches lack because of it that their workflows can do without."""


class FamilyCount(Data):
    """How the tasks of one family ended."""

    family: str
    done: int = 0
    present: int = 0
    failed: int = 0
    missing: int = 0
    broken: int = 0
    blocked: int = 0
    withheld: int = 0
    pending: int = 0
    """Not started yet."""
    running: int = 0
    left: int = 0
    """Their jobs go on in the batch system, without this run."""
    interrupted: int = 0
    """While they ran."""

    @property
    def ended(self) -> int:
        """Tasks that have come to their end in this run, or had before it."""
        made = self.done + self.present
        return made + self.failed + self.interrupted + self.missing + self.broken + self.blocked + self.withheld

    @property
    def total(self) -> int:
        return self.ended + self.pending + self.running + self.left


class LeftJobs(Data):
    """What became of jobs that a run did not wait for."""

    system: str
    jobs: int = 0
    """How many it has left in the system; the next run with the same tasks goes on with them."""
    tags: tuple[str, ...] = ()
    """Of their submissions, as `martlet jobs` takes them."""
    unsubmitted: int = 0
    """Tasks that were ready, and are not submitted."""
    held: Mapping[str, int] = {}
    """Tasks that were ready, and waited for a counted resource that others have, by its name."""
    delayed: int = 0
    """Tasks that have failed, and waited for the time of another try."""
    elsewhere: int = 0
    """Tasks that another run holds."""
    cancelled: int = 0
    """Jobs that were cancelled on request, as the system has confirmed."""


class RunResult(Data):
    """How a run ended; true when everything that was asked for is complete."""

    exit_code: ExitCode
    families: tuple[FamilyCount, ...] = ()
    endings: tuple[Ending, ...] = ()
    """In the order in which they ended; blocked and withheld tasks last."""
    notes: tuple[str, ...] = ()
    """Hints that are no errors, e.g. a task that returned without having made its output."""
    elapsed: float = 0.0
    """Seconds from the first look at the tasks to the end."""
    state: str = ""
    """The state directory that was used."""
    notes_told: tuple[str, ...] = ()
    """Those of the notes that the reporter was told when they arose."""
    interrupted: bool = False
    retried: tuple[int, ...] = ()
    """Indices of tasks that ended well after they had failed."""
    batch: BatchView | None = None
    """The jobs of a run with a batch system, as they were counted last."""
    left: LeftJobs | None = None
    """Jobs that it did not wait for, or has cancelled; None where there are none."""
    done_ids: Mapping[int, str] = {}
    """Task ids of what ran successfully, by index."""

    def __bool__(self) -> bool:
        return self.exit_code == ExitCode.OK

    def count(self, name: str) -> int:
        """Sum over families of one of FamilyCount's numbers, e.g. `count("done")`."""
        return sum(int(getattr(family, name)) for family in self.families)

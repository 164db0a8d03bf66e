"""Those who want to know of every task of a run, not of its progress alone."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from ..data import Data
from ..task import Task
from .states import State

if TYPE_CHECKING:
    from .completeness import Fault
    from .result import RunResult


class Account(Data):
    """The tasks of a run at one moment, by number."""

    tasks: Sequence[Task]
    states: bytes
    """One `State` a task."""
    dependencies: Sequence[array[int] | None]
    """The numbers of what each needs, as far as it was asked."""
    faults: Mapping[int, Fault]
    """Why some cannot run."""

    def planned_state(self, number: int) -> State:
        """The state of a task; WAITING where only others, or what there is, keep it from being run: it is part of a
        cycle, or asks for more than there is."""
        state = State(self.states[number])
        return State.WAITING if state == State.BROKEN and number not in self.faults else state


class Witness(Protocol):
    """Called on the driver's thread; the sequences are the planner's own and grow as long as the run goes on."""

    def planned(self, account: Account) -> None:
        """The plan is complete, or cannot be because of a cycle, and nothing has started.

        Not called where tasks start earlier.
        """

    def ended(self, account: Account, result: RunResult) -> None:
        """The run is over."""

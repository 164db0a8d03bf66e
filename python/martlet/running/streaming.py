"""The plan of a run whose first tasks run already."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING

from .title import title

if TYPE_CHECKING:
    from .._bridge import Run
    from .options import Options
    from .plan import Planner

FIRST_ROWS = 10_000
"""A plan of so many tasks, or one that is complete sooner, is made before anything starts."""
FIRST_SECONDS = 1.0
"""So long nothing starts while the plan is made."""
_ROWS = 1000
_SECONDS = 0.005
"""A slice of the plan: for so long, workers that have ended a task, and signals, wait."""
_SECONDS_HERE = 0.02
"""The same where tasks run in this process: as long as they run in turn."""


def opens(planner: Planner, options: Options) -> bool:
    """Makes the beginning of a plan. Returns whether tasks start before its end."""
    if options.planning == "first" or options.force or options.until or planner.judges:
        return False
    wanted = options.planning == "stream"
    rows, seconds = (_ROWS, _SECONDS) if wanted else (FIRST_ROWS, FIRST_SECONDS)
    more = planner.go_on(rows, time.monotonic() + seconds)
    return more and (wanted or not planner.plans_first)


class Streaming:
    """Plans a slice at a time, and gives it to the engine."""

    def __init__(self, planner: Planner, run: Run, options: Options) -> None:
        """Opens the plan. Raises MartletError for outputs that are made twice in it."""
        self._planner = planner
        self._run = run
        here = options.workers == 1
        self._seconds = _SECONDS_HERE if here else _SECONDS
        self.is_over = False
        """The plan is complete, or was given up."""
        self.cycle: list[str] = []
        """Titles of tasks that need each other in a circle; each needs the next, the last the first."""
        planner.shared.refuse()
        planner.hand_over()
        planner.be_brief(tidily=here)

    def go_on(self, renew: Callable[[], None], heed: Callable[[], None]) -> None:
        """Plans a slice more.

        `renew`: sees to it that workers know everything so far, and hands over what was held back. `heed`: tells the
        engine of interrupts: it starts what it is given.
        """
        more = self._planner.go_on(_ROWS, time.monotonic() + self._seconds)
        heed()
        for index, cause in self._planner.shared.faults().items():
            self._planner.spoil(index, cause)
        self._planner.hand_over()
        teaching = self._planner.teaching
        if teaching.is_holding and (teaching.may_fork or not more):
            renew()
        if not more:
            self._end()

    def give_up(self) -> None:
        """Ends the plan early: nothing of the rest runs."""
        self._planner.give_up()
        self._end()

    def _end(self) -> None:
        self.is_over = True
        planner = self._planner
        cycle = array("i", self._run.planned(planner.roots.tobytes(), b""))
        self.cycle = [title(planner.tasks[index]) for index in cycle]
        if cycle:
            path = " → ".join([*self.cycle, self.cycle[0]])
            for index in cycle:
                planner.explain(index, f"it needs itself: {path}")

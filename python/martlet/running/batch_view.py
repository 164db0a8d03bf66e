"""The jobs of a run at one moment: by state and queue, how fast tasks are done, when the last may be."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from ..data import Data

WINDOW = 600.0
"""Seconds over which the pace is taken."""
_STEP = 5.0
"""Seconds between two points of the pace's history."""


class QueueCount(Data):
    """The tasks of one queue, each counted by what has become of its job."""

    queue: str
    """As `job_options` name it: a partition, a queue, a computing element. Empty: the system's own choice."""
    waiting: int = 0
    """Not submitted yet."""
    submitting: int = 0
    """Handed over; the system has not answered, or it is not known what it answered."""
    pending: int = 0
    running: int = 0
    """At work, or ended and not collected yet."""
    done: int = 0
    """Ended well in this run."""
    failed: int = 0
    """Tries of this run that the task's own code ended."""
    lost: int = 0
    """Tries of this run whose jobs ended without a word from the task."""


STATES = ("waiting", "submitting", "pending", "running", "done", "failed", "lost")
"""What tasks of a queue are counted by, in the order in which a job comes to it."""


class BatchView(Data):
    """What a run has to do with its batch system, as tasks."""

    system: str
    """As in `--batch NAME`."""
    queues: tuple[QueueCount, ...] = ()
    """Ordered by name."""
    jobs: int = 0
    """Jobs that are submitted and not collected; less than tasks where a job runs several."""
    adopted: int = 0
    """Tasks of this run that were found in jobs of earlier runs."""
    done_before: int = 0
    """Of those, tasks that were done before this run began: they are no part of its pace."""
    waits_for: str = ""
    """Why most of those jobs wait that do not wait for their turn, in the system's words; empty: there are none."""
    waiting_jobs: int = 0
    """How many jobs wait for that."""
    per_hour: float | None = None
    """Tasks done an hour, over the last `window` seconds; None while none is done."""
    left: float | None = None
    """Seconds until all is done if it goes on at that pace; None when nothing can be said."""
    window: float = 0.0

    def count(self, state: str) -> int:
        """Sum over queues, e.g. `count("running")`."""
        return sum(int(getattr(queue, state)) for queue in self.queues)


def read(state: dict[str, Any] | None) -> BatchView | None:
    """The part of the engine's snapshot that is about jobs."""
    if state is None:
        return None
    queues = tuple(QueueCount(name, *numbers) for name, *numbers in state["queues"])
    reason, waiting = state["waits_for"] or ("", 0)
    return BatchView(
        state["system"], queues, state["jobs"], state["adopted"], state["done_before"], reason, waiting
    )


class Pace:
    """How fast tasks are done, from how many were done at several moments of the last minutes.

    It begins with the first job that was seen at work: how long jobs wait before that says nothing about later ones.
    What was done before the run began is collected within a moment, and says nothing either.
    """

    def __init__(self) -> None:
        self._history: deque[tuple[float, int]] = deque()

    def see(self, view: BatchView, to_do: int | None, now: float) -> BatchView:
        """Takes a moment in. `to_do`: tasks that are not done, of any kind; None: nobody knows.

        Returns the same view with what can be said of its pace."""
        done = view.count("done") - view.done_before
        if not self._history and view.count("running") == 0 and done == 0:
            return view
        history = self._history
        if not history or now - history[-1][0] >= _STEP:
            history.append((now, done))
        while len(history) > 2 and now - history[1][0] >= WINDOW:
            history.popleft()
        begun, before = history[0]
        if done <= before or now - begun < 1:
            return view
        per_second = (done - before) / (now - begun)
        left = None if to_do is None else to_do / per_second
        return view.replaced(per_hour=per_second * 3600, left=left, window=now - begun)


def total(queues: Sequence[QueueCount]) -> dict[str, int]:
    """Tasks of all queues by state, those states that have any."""
    sums = {state: sum(int(getattr(queue, state)) for queue in queues) for state in STATES}
    return {state: count for state, count in sums.items() if count}

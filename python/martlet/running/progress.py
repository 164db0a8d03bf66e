"""The state of a run at a moment, for whoever watches it."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..task import Task
from .batch_view import BatchView, Pace, read
from .live_notes import LiveNotes
from .log_tail import LogTail
from .reporter import FailedTask, Reporter, RunningTask, Silent, Snapshot
from .result import FamilyCount
from .states import State
from .title import title

if TYPE_CHECKING:
    from .._bridge import Run

_EVERY = 0.25
"""Seconds between two reports."""
_SELDOM = 5.0
"""Seconds between two looks that nobody watches: what has become of jobs is told at the end."""
_PENDING = (State.UNSEEN, State.WAITING, State.READY, State.SUSPENDED, State.DELAYED, State.ELSEWHERE)
_MOST_TOLD = 100
"""Running tasks that are told of by their titles."""
_WINDOW = 20.0
"""Seconds over which the rate is taken."""


class Progress:
    """Asks the engine for its counts, at most four times a second, and hands a snapshot to the reporter."""

    def __init__(
        self,
        run: Run,
        reporter: Reporter,
        tasks: Sequence[Task],
        families: Sequence[str],
        notes: LiveNotes,
        show_logs: bool = False,
        here: str = "",
    ) -> None:
        """`notes`: told as they arise; `show_logs`: what tasks print is handed to the reporter too; `here`: the log of
        those in the driver."""
        self._run = run
        self._reporter = reporter
        self._tasks = tasks
        self._families = families
        self._notes = notes
        self._begun = time.monotonic()
        self._last = 0.0
        self._waited_for: frozenset[str] = frozenset()
        self._tail = LogTail(self._printed) if show_logs else None
        self._here = here
        self._every = _EVERY if show_logs or type(reporter) is not Silent else _SELDOM
        self.is_growing = False
        """More tasks are still being planned."""
        self._history: deque[tuple[float, int]] = deque()
        self._pace = Pace()
        self._adopted = 0
        self.batch: BatchView | None = None
        """The jobs as they were counted last."""

    @property
    def elapsed(self) -> float:
        """Seconds since this was made."""
        return time.monotonic() - self._begun

    def report(self, *, now: bool = False) -> None:
        """Reports when the last report is old enough, or at once."""
        if not now and time.monotonic() - self._last < self._every:
            return
        self._last = time.monotonic()
        snapshot = self.snapshot()
        self._tell_waiting(snapshot)
        self._tell_adopted(snapshot.batch)
        self._reporter.progress(snapshot)

    def finish(self) -> None:
        """The last look: what tasks printed, and what became of jobs, since the one before."""
        self.snapshot()

    def _printed(self, index: int, line: str) -> None:
        self._reporter.printed(title(self._tasks[index]), line)

    def _tell_waiting(self, snapshot: Snapshot) -> None:
        """When nothing is left but what other runs hold, says once for whom this one waits."""
        if snapshot.running or not snapshot.elsewhere or (snapshot.batch is not None and snapshot.batch.jobs):
            return
        holders = frozenset(holder for holder, _ in snapshot.elsewhere)
        if holders != self._waited_for:
            self._waited_for = holders
            count = sum(count for _, count in snapshot.elsewhere)
            what = "a task that another run is" if count == 1 else f"{count} tasks that other runs are"
            self._reporter.note(f"waiting for {what} at work on: {', '.join(sorted(holders))}")

    def _tell_adopted(self, batch: BatchView | None) -> None:
        """Says when tasks were found in jobs of earlier runs."""
        if batch is not None and batch.adopted > self._adopted:
            count, self._adopted = batch.adopted - self._adopted, batch.adopted
            what = "the job that an earlier run submitted for a task"
            if count > 1:
                what = f"jobs that an earlier run submitted for {count} tasks"
            self._reporter.note(f"goes on with {what} ({batch.system})")

    def snapshot(self) -> Snapshot:
        """The run at this moment."""
        state = json.loads(self._run.snapshot())
        if self._tail is not None:
            # what runs in the driver prints to the terminal itself
            self._tail.look(
                [(task, *span) for task, *span in state["written"] if span[0] != self._here],
                [(index, log) for index, worker, _, log in state["running"] if worker != 0],
            )
        self._notes.take(state["notes"])
        families = counts(self._families, state["counts"], dict(state["interrupted"]))
        sums = [sum(row[number] for row in state["counts"]) for number in range(len(State))]
        ended = sums[State.DONE] + sums[State.FAILED]
        to_run = ended + sums[State.RUNNING] + sum(sums[state] for state in _PENDING) - sums[State.UNSEEN]
        batch = read(state["jobs"])
        if batch is not None:
            to_do = None if self.is_growing else to_run - sums[State.DONE] - sums[State.FAILED]
            self.batch = batch = self._pace.see(batch, to_do, time.monotonic())
        rate = self._rate(ended)
        left = (to_run - ended) / rate if rate > 0 and not self.is_growing else None
        return Snapshot(
            families=families,
            total=sum(sums),
            to_run=to_run,
            ended=ended,
            running=tuple(
                # what runs in the driver prints to the terminal itself
                RunningTask(index, title(self._tasks[index]), worker, seconds, log if worker else "")
                for index, worker, seconds, log in state["running"][:_MOST_TOLD]
            ),
            elapsed=self.elapsed,
            rate=rate,
            left=left if batch is None else batch.left,
            is_growing=self.is_growing,
            failures=tuple(FailedTask(title(self._tasks[index]), cause, log) for index, cause, log in state["failed"]),
            elsewhere=tuple((holder, count) for holder, count in state["elsewhere"]),
            running_untold=max(0, len(state["running"]) - _MOST_TOLD),
            batch=batch,
        )

    def _rate(self, ended: int) -> float:
        now = time.monotonic()
        self._history.append((now, ended))
        while len(self._history) > 2 and now - self._history[0][0] > _WINDOW:
            self._history.popleft()
        then, before = self._history[0]
        return (ended - before) / (now - then) if now > then else 0.0


def counts(
    families: Sequence[str], rows: Sequence[Sequence[int]], interrupted: Mapping[int, int]
) -> tuple[FamilyCount, ...]:
    """The engine's counts by family, with names; families without a task are left out.

    `interrupted`: how many of those that have failed to the engine were interrupted while they ran, by family.
    """
    return tuple(
        FamilyCount(
            family=family,
            done=row[State.DONE],
            present=row[State.PRESENT],
            failed=row[State.FAILED] - interrupted.get(number, 0),
            interrupted=interrupted.get(number, 0),
            missing=row[State.MISSING],
            broken=row[State.BROKEN],
            blocked=row[State.BLOCKED],
            withheld=row[State.WITHHELD],
            pending=sum(row[state] for state in _PENDING),
            running=row[State.RUNNING],
        )
        for number, (family, row) in enumerate(zip(families, rows, strict=False))
        if any(row)
    )

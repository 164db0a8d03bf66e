"""Tasks that run one after another in a process, and whose ends are told together."""

from __future__ import annotations

import time
from array import array
from types import GeneratorType
from typing import TYPE_CHECKING

from .._bridge import done_frames, stamp
from ..events import EventSource
from ..targets.local import LocalTarget
from .lineage import at_work_on

if TYPE_CHECKING:
    from .execution import Execution, Stamp
    from .outcome import Outcome

    _Row = tuple[int, Stamp, int, int, str, str]
    """Task, stamp at its end, the log's length at its begin and end, its output, the members that describe it."""


class Series:
    """Runs tasks, and keeps the ends of those that have nothing to tell but that they made their one local file.

    Those outputs are looked at together, when the ends are taken. All other tasks, and all other ends, are left to the
    execution. One process, one thread.
    """

    def __init__(self, execution: Execution, absent: dict[int, str]) -> None:
        """`absent`: the one local file that a task is to make, where that is known; used up."""
        self._execution = execution
        self._absent = absent
        self._rows: list[_Row] = []
        self.wall = 0.0
        """Seconds that the task took that `take` will tell of last."""
        self.begin()

    def begin(self) -> None:
        """What this process did up to now is no task's. Nothing may wait to be taken."""
        self._has_log = self._execution.has_log
        self._since = self._last = stamp()
        self._log_last = self._execution.log_end()
        self._epoch = time.time_ns() - int(self._since[0] * 1e9)

    def mark(self) -> None:
        """What was printed up to now is no task's."""
        if self._has_log:
            self._log_last = self._execution.log_end()

    @property
    def now(self) -> float:
        """Seconds of the monotonic clock when the last task ended."""
        return self._last[0]

    @property
    def peak(self) -> int:
        """Peak memory of this process when the last task ended, in kB."""
        return self._last[2]

    def run(self, index: int) -> Outcome | None:
        """Runs a task. Returns how it ended; None when `take` tells."""
        execution = self._execution
        try:
            task = execution.task(index)
        except BaseException:
            return execution.run(index)  # says why
        if EventSource._event_callbacks or not execution.habits(task.__class__).straight or not callable(task.run):
            return execution.run(index)
        at_work_on(task)
        result: object = None
        error: BaseException | None = None
        try:
            result = task.run()
            if result.__class__ is not GeneratorType:
                execution.surroundings.restore()
                path = self._absent.pop(index, None)
                if path is None and isinstance(output := task.output(), LocalTarget):
                    path = output.bulk_path()
                if path is not None and path.isascii():
                    self._note(index, path, execution.describe(index, (), task))
                    return None
        except BaseException as raised:  # the fault is the task's, whatever it is
            error = raised
        return execution.go_on_after(index, self._last, self._log_last, result, error)

    def _note(self, index: int, path: str, members: str) -> None:
        last = stamp()
        self.wall = last[0] - self._last[0]
        self._last = last
        begun = self._log_last
        self.mark()
        self._rows.append((index, last, begun, self._log_last, path, members))

    def last(self) -> Outcome:
        """How the task ended that ended last, of which `take` does not tell any more."""
        row = self._rows.pop()
        return self._apart(row, self._since_of(self._rows, len(self._rows)))

    def take(self) -> bytes:
        """The frames of what has ended since this was called before."""
        rows = self._rows
        if not rows:
            return b""
        self._rows = []
        self._execution.surroundings.flush()
        frames, absent = done_frames(rows, self._since, self._epoch)
        for place in array("i", absent):
            frames += self._apart(rows[place], self._since_of(rows, place)).frame()
        self._since = self._last
        return frames

    def _since_of(self, rows: list[_Row], place: int) -> Stamp:
        """When the task in this row began."""
        return rows[place - 1][1] if place else self._since

    def _apart(self, row: _Row, since: Stamp) -> Outcome:
        """The outcome of a task that has ended; its outputs are looked at one by one."""
        index, ended, log_begun, log_ended = row[:4]
        outcome = self._execution.go_on_after(index, since, log_begun, None)
        outcome.start = int(since[0] * 1e9) + self._epoch
        outcome.wall, outcome.cpu = ended[0] - since[0], ended[1] - since[1]
        outcome.log_length = log_ended - log_begun
        return outcome

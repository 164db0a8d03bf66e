"""Tasks that run one after another in a process, and whose ends are told together."""

from __future__ import annotations

import time
from array import array
from types import GeneratorType
from typing import TYPE_CHECKING

from .._bridge import done_frames, stamp
from ..events import EventSource
from ..targets.local import LocalTarget
from . import lineage

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..task import Task
    from .execution import Execution, Stamp
    from .outcome import Outcome

    _Row = tuple[int, Stamp, int, int, str, str]
    """Task, stamp at its end, the log's length at its begin and end, its output, the members that describe it."""


class Series:
    """Runs tasks, and keeps the ends of those that have no more to tell than that they made their local file, if any.

    Those outputs are looked at together, when the ends are taken. All other tasks, and all other ends, are left to the
    execution. One process, one thread.
    """

    def __init__(self, execution: Execution, absent: dict[int, str]) -> None:
        """`absent`: the one local file that a task is to make, where that is known; used up."""
        self._execution = execution
        self._tasks, self._needs = execution.tasks, execution.dependencies
        self._knows_all = not execution.learns
        self._restore = execution.surroundings.restore
        self._absent = absent
        self._checked: set[type[Task]] = set()
        """Classes whose tasks have what they require looked at before run()."""
        self._straight: dict[type[Task], Callable[[Task], str] | None] = {}
        self._rows: list[_Row] = []
        self.now = 0.0
        """Seconds of the monotonic clock when the last task ended."""
        self.wall = 0.0
        """Seconds that the task took that `take` will tell of last."""
        self.begin()

    def begin(self) -> None:
        """What this process did up to now is no task's. Nothing may wait to be taken."""
        self._log = self._execution.log
        self._since = self._last = stamp()
        self.now = self._last[0]
        self._log_last = self._log() if self._log is not None else 0
        self._level = lineage.innermost()
        self._epoch = time.time_ns() - int(self._since[0] * 1e9)

    def mark(self) -> None:
        """What was printed up to now is no task's."""
        if self._log is not None:
            self._log_last = self._log()

    @property
    def peak(self) -> int:
        """Peak memory of this process when the last task ended, in kB."""
        return self._last[2]

    def run(self, index: int) -> Outcome | None:
        """Runs a task. Returns how it ended; None when `take` tells."""
        if index >= len(self._tasks) or EventSource._event_callbacks:
            return self._execution.run(index)
        task = self._tasks[index]
        cls = task.__class__
        describe = self._straight[cls] if cls in self._straight else self._look_at(cls)
        if describe is None or (cls in self._checked and self._execution.requires_something(index)):
            return self._execution.run(index)
        if self._level is not None:
            self._level.task = task
        result: object = None
        error: BaseException | None = None
        try:
            result = task.run()
            if result.__class__ is not GeneratorType:
                self._restore()
                path = self._absent.pop(index, None)
                if path is None:
                    output = task.output()
                    if isinstance(output, LocalTarget):
                        path = output.bulk_path()
                    elif output.__class__ is list and not output:
                        path = ""
                if path is not None and path.isascii():
                    self._note(index, path, describe)
                    return None
        except BaseException as raised:  # the fault is the task's, whatever it is
            if not callable(task.run):  # an instance may have none
                return self._execution.run(index)
            error = raised
        return self._execution.go_on_after(index, self._last, self._log_last, result, error)

    def _look_at(self, cls: type[Task]) -> Callable[[Task], str] | None:
        """How a task of the class is described; None when there is more to such a task than its run() and its file."""
        execution = self._execution
        try:
            habits = execution.habits(cls)
            describe = execution.describer.of(cls) if habits.straight else None
            if habits.checks:
                self._checked.add(cls)
        except Exception:  # user code: then each task's end tells
            describe = None
        self._straight[cls] = describe
        return describe

    def _note(self, index: int, path: str, describe: Callable[[Task], str]) -> None:
        if index < len(self._needs) and self._needs[index] is None and self._knows_all:
            try:
                members = describe(self._tasks[index])
            except Exception:  # user code: then that is told
                members = self._execution.describe(index, ())
        else:
            members = self._execution.describe(index, ())
        last = stamp()
        self.wall, self.now, self._last = last[0] - self.now, last[0], last
        begun = self._log_last
        if self._log is not None:
            self._log_last = self._log()
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

"""Tasks that run as one: their combined instance, and its execution."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .. import user_frames
from ..task import Task
from .describer import Outputs, encode
from .execution import Execution
from .outcome import Kind, Outcome

if TYPE_CHECKING:
    from .._bridge import Run
    from .execution import Habits


def combined(members: Sequence[Task]) -> Task:
    """The instance that does the work of all: parameters with a batch_method combine the members' values, in order.

    All else is the first one's; private parameters are left out, as luigi leaves them, unless that instance is one of
    the members. Raises whatever the class does.
    """
    first = members[0]
    texts: dict[str, Any] = first.to_str_params()
    others = [member.to_str_params() for member in members[1:]]
    for name in type(first).batch_param_names():
        texts[name] = [texts[name], *(other[name] for other in others)]
    task: Task = type(first).from_str_params(texts)
    return next((member for member in members if member.task_id == task.task_id), task)


class Groups:
    """Numbers of what tasks need that may run as one, one for each group of tasks that can be combined."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._most: dict[type[Task], int] = {}

    def number(self, task: Task, terms: str) -> int:
        """The engine's number for a task that needs `terms` (JSON)."""
        texts: dict[str, str] = task.to_str_params()
        names = type(task).batch_param_names()
        if not task.batchable or any(name not in texts for name in names):
            return self._run.terms(terms)
        # what tasks have in common that run as one: all but what is combined
        key = (type(task), terms, *((name, text) for name, text in texts.items() if name not in names))
        number = self._numbers.get(key)
        if number is None:
            batch = {"group": len(self._numbers), "most": self._most_of(task)}
            number = self._numbers[key] = self._run.terms(json.dumps({**json.loads(terms), "batch": batch}))
        return number

    def _most_of(self, task: Task) -> int:
        # as in luigi, the first task speaks for its class
        return self._most.setdefault(type(task), int(min(task.max_batch_size, sys.maxsize)))


class Batches:
    """Which execution runs a task: that of a batch for tasks that lead one, else the usual one."""

    def __init__(self, execution: Execution, check_outputs: bool | None, log: Callable[[], int] | None = None) -> None:
        self._usual = execution
        self._check_outputs = check_outputs
        self._log = log
        self._kept: dict[int, BatchExecution] = {}

    def lead(self, leader: int, followers: Sequence[int]) -> Execution:
        """The execution of a task that starts, or whose end is told, with those that run with it."""
        if not followers:
            self._kept.pop(leader, None)
            return self._usual
        known = self._kept.get(leader)
        if known is not None and known.members == [leader, *followers]:
            return known
        batch = BatchExecution(self._usual, [leader, *followers], self._check_outputs, self._log)
        self._kept[leader] = batch
        return batch

    def of(self, leader: int) -> Execution:
        """The execution that began the task."""
        return self._kept.get(leader) or self._usual


class BatchExecution(Execution):
    """Runs one instance for several tasks."""

    def __init__(
        self, usual: Execution, members: list[int], check_outputs: bool | None, log: Callable[[], int] | None = None
    ) -> None:
        super().__init__((), (), check_outputs, log, sums=usual._sums)
        self._usual = usual
        self.surroundings = usual.surroundings
        self.members = members
        """Numbers of the tasks, the one that leads them first."""
        self._combined: Task | None = None

    def run(self, index: int) -> Outcome:
        try:
            self.task(index)
        except BaseException as error:  # user code: a batch_method, __init__
            outcome = Outcome(index, time.time_ns(), Kind.COULD_NOT_START)
            cause = f"{len(self.members)} tasks could not be combined into one: {user_frames.one_line(error)}"
            outcome.text = f"{cause}\n\n{user_frames.text(error)}"
            outcome.fragment = self.describe(index, ())
            return outcome
        return super().run(index)

    def task(self, index: int) -> Task:
        """The combined instance."""
        if self._combined is None:
            self._combined = combined(self._all())
        return self._combined

    def describe(self, index: int, outputs: Outputs, task: Task | None = None) -> str:
        members = self._all()
        names = type(members[0]).batch_param_names()
        try:
            text = self.describer.members(index, task or self.task(index), outputs)
        except Exception:  # user code: what could not be combined is told of by its first task
            text = self.describer.members(index, members[0], outputs)
        rows = [[member.task_id, *(member.to_str_params()[name] for name in names)] for member in members]
        return f"{text},{encode({'batch': [names, *rows]})}"

    def lost(self, index: int) -> Outcome:
        try:
            return super().lost(index)
        except Exception:  # user code, as above
            outcome = Outcome(index, time.time_ns(), Kind.WORKER_LOST)
            outcome.fragment = self.describe(index, ())
            return outcome

    def _all(self) -> list[Task]:
        return [self._usual.task(number) for number in self.members]

    def _made(self, task: Task, outcome: Outcome, habits: Habits) -> Outputs:
        """The outputs of all members: what each of them must have made."""
        made: list[Any] = []
        for member in self._all():
            made += super()._made(member, outcome, self.habits(type(member)))
            if outcome.kind != Kind.DONE:
                break
        return made

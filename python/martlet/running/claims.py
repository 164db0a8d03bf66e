"""Tells the engine what it needs to share an analysis with other runs: ids of tasks, and whether they are complete."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from .. import identity
from ..task import Task

if TYPE_CHECKING:
    from .._bridge import Run
    from .plan import Planner


class Claims:
    """The Python side of claims: chunks of tasks cross the bridge, never one."""

    def __init__(self, run: Run, planner: Planner) -> None:
        self._run = run
        self._planner = planner

    def claim(self) -> None:
        """Names the tasks that the engine wants to claim."""
        tasks = self._planner.tasks
        self._run.claim([_id(tasks[index]) for index in array("i", self._run.to_claim())])

    def look_again(self) -> None:
        """Says of tasks that another run had to do with whether they are complete by now."""
        indices = array("i", self._run.to_look_at())
        self._run.looked(self._planner.look_again(indices))


def _id(task: Task) -> str:
    """The task's id, not kept: the process that runs the task writes it into the report, this one may never need it."""
    known = task.__dict__.get("task_id")
    if known is None:
        known = identity.task_id(task) if type(task).task_id is Task.task_id else task.task_id
    return str(known)

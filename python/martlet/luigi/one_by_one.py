"""Runs of workers that have a `_run_task` of their own, which is called for each task."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..external import is_external
from .task_status import PENDING

if TYPE_CHECKING:
    from .worker import Worker


def carry_out(roots: list[Any], worker: Worker) -> None:
    """Calls the worker's `_run_task` for each task that is not complete, as soon as all it requires is."""
    for task in _requirements_first(roots):
        if not is_external(task) and all(needed.complete() for needed in task.deps()):
            worker._scheduled_tasks[task.task_id] = task
            worker._run_task(task.task_id)
        else:
            worker._add_task_history.append((task, PENDING, not is_external(task)))
            worker._requirements[task] = task.deps()


def _requirements_first(roots: list[Any]) -> Iterator[Any]:
    """The tasks that are not complete, each once."""
    seen: set[Any] = set()
    stack = [(root, False) for root in reversed(roots)]
    while stack:
        task, is_ready = stack.pop()
        if is_ready:
            yield task
        elif task not in seen:
            seen.add(task)
            if not task.complete():
                stack.append((task, True))
                stack += [(needed, False) for needed in reversed(task.deps())]

"""`[worker] task_process_context`: a context manager of the script's own around each task that runs."""

# The names are luigi's.

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from ..events import Event
from ..task import Task

if TYPE_CHECKING:
    from .worker import Worker


class TaskProcess(NamedTuple):
    """What the context manager is made with."""

    task: Any
    worker_id: str
    pid: int


class TaskContext:
    """Enters the context when a task starts and leaves it at its end, in the process that runs it."""

    def __init__(self, name: str, worker: Worker) -> None:
        """`name`: `module.Class`."""
        module, _, cls = name.rpartition(".")
        self._cls = getattr(import_module(module), cls)
        self._worker = worker
        self._entered: dict[Any, Any] = {}

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Within it every task that runs has its context."""
        Task.event_handler(Event.START)(self._enter)
        Task.event_handler(Event.SUCCESS)(self._leave)
        Task.event_handler(Event.FAILURE)(self._leave)
        try:
            yield
        finally:
            Task.remove_event_handler(Event.START, self._enter)
            Task.remove_event_handler(Event.SUCCESS, self._leave)
            Task.remove_event_handler(Event.FAILURE, self._leave)

    def _enter(self, task: Any) -> None:
        context = self._cls(TaskProcess(task, self._worker._id, os.getpid()))
        context.__enter__()
        self._entered[task] = context

    def _leave(self, task: Any, error: BaseException | None = None) -> None:
        context = self._entered.pop(task, None)
        if context is not None:
            context.__exit__(None if error is None else type(error), error, error and error.__traceback__)

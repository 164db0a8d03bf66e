"""The lines that luigi logs of a run, which others look for."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .. import user_frames
from ..events import DATA_ABSENT, Event
from ..external import is_external
from ..running.result import RunResult
from ..running.states import State
from ..task import Task
from .log_lines import LogLines
from .task_status import DISABLED, DONE, FAILED, PENDING, UNKNOWN

if TYPE_CHECKING:
    from ..running.completeness import Fault
    from ..running.witness import Account
    from .worker import Worker

_PLANNED = {State.PRESENT: DONE, State.BROKEN: UNKNOWN}


def blamed(fault: Fault) -> str:
    """The method that kept a task from being planned, as luigi knows them."""
    return "deps()" if fault.cause.startswith("requires()") else "complete()"


class RunLog:
    """Listens to the tasks while they run, if anybody wants to hear of them one by one.

    Handlers go with a fork: a line is logged in the process that runs the task, as luigi does.
    """

    def __init__(self, logger: logging.Logger, worker: Worker) -> None:
        self._lines = LogLines(logger)
        self._worker = worker
        self._in_detail = logger.isEnabledFor(logging.INFO)
        self._retries = worker._config.retry_external_tasks

    def planned(self, account: Account) -> None:
        """One line a task."""
        for number, fault in account.faults.items():
            task = account.tasks[number]
            if task.disabled:
                continue
            if fault.error is None:
                self._lines.say(logging.WARNING, "Will not run %s or any dependencies: %s", task, fault.cause)
            else:
                self._lines.say(
                    logging.WARNING,
                    "Will not run %s or any dependencies due to error in %s method:\n%s",
                    task,
                    blamed(fault),
                    fault.details,
                )
        if self._in_detail:
            with self._lines.together():
                self._tell_of_all(account)

    def _tell_of_all(self, account: Account) -> None:
        for number, task in enumerate(account.tasks):
            state = account.planned_state(number)
            if state == State.MISSING or (self._retries and state != State.PRESENT and is_external(task)):
                self._lines.say(
                    logging.WARNING,
                    "Data for %s does not exist (yet?). The task is an external data dependency, "
                    "so it cannot be run from this luigi process.",
                    task,
                )
            disabled = state == State.BROKEN and task.disabled
            self._inform(task, DISABLED if disabled else _PLANNED.get(state, PENDING))

    def ended(self, result: RunResult) -> None:
        """Failures that were not told of when they happened."""
        if self._in_detail:
            return
        for ending in result.endings:
            if ending.state == "failed":
                self._lines.say(
                    logging.ERROR,
                    "[pid %s] Worker %s failed    %s\n%s",
                    os.getpid(),
                    self._worker._id,
                    ending.title,
                    ending.details or ending.cause,
                )

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While this is entered, tasks that start and end are told of."""
        handlers: dict[str, Callable[..., None]] = {}
        if self._in_detail:
            handlers = {Event.START: self._started, Event.SUCCESS: self._succeeded, Event.FAILURE: self._failed}
            handlers[DATA_ABSENT] = self._absent
        for event, handler in handlers.items():
            Task.event_handler(event)(handler)
        try:
            yield
        finally:
            for event, handler in handlers.items():
                Task.remove_event_handler(event, handler)
            if handlers and not any(Task._event_callbacks[Task].values()):
                del Task._event_callbacks[Task]

    def _started(self, task: Any) -> None:
        self._lines.say(logging.INFO, "[pid %s] Worker %s running   %s", os.getpid(), self._worker._id, task)

    def _succeeded(self, task: Any) -> None:
        with self._lines.together():
            self._lines.say(logging.INFO, "[pid %s] Worker %s done      %s", os.getpid(), self._worker._id, task)
            self._inform(task, DONE)

    def _failed(self, task: Any, error: BaseException) -> None:
        where = (os.getpid(), self._worker._id, task, user_frames.text(error))
        with self._lines.together():
            self._lines.say(logging.ERROR, "[pid %s] Worker %s failed    %s\n%s", *where)
            self._inform(task, FAILED)

    def _absent(self, task: Any) -> None:
        self._inform(task, FAILED)

    def _inform(self, task: Any, status: str) -> None:
        self._lines.say(logging.INFO, "Informed scheduler that task   %s   has status   %s", task.task_id, status)

"""E-mails of a run: what could not be planned, what failed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from ..running.result import RunResult
from . import notifications
from .run_log import blamed

if TYPE_CHECKING:
    from ..running.witness import Account
    from .worker import Worker


class _Occasion(NamedTuple):
    """What is written about."""

    subject: str
    headline: str


_FAILED = _Occasion("Luigi: {task} FAILED. Host: {host}", "The run() of a task failed.")
_UNPLANNED = _Occasion(
    "Luigi: {task} failed scheduling. Host: {host}",
    "Will not run {task} or any dependencies due to error in {method} method",
)


def send(worker: Worker, account: Account, result: RunResult) -> None:
    """One e-mail a task that failed or could not be planned, to `[email] receiver` and the task's owners.

    None if `[worker] send_failure_email` is off.
    """
    if not worker._config.send_failure_email:
        return
    for task, occasion, method, trace in _occasions(account, result):
        headline = occasion.headline.format(task=task, method=method)
        message = notifications.format_task_error(headline, task, _command_line(), trace)
        subject = occasion.subject.format(task=task, host=worker.host)
        notifications.send_error_email(subject, message, task._owner_list())


def _occasions(account: Account, result: RunResult) -> Iterator[tuple[Any, _Occasion, str, str]]:
    """(task, occasion, the method that raised, its traceback)."""
    for number, fault in account.faults.items():
        task = account.tasks[number]
        if not task.disabled:
            yield task, _UNPLANNED, blamed(fault), fault.details or fault.cause
    for ending in result.endings:
        if ending.state == "failed":
            yield account.tasks[ending.index], _FAILED, "run()", ending.details or ending.cause


def _command_line() -> str:
    from shlex import join  # only those who are written to want to know

    return join(sys.argv)

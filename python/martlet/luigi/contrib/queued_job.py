"""Waiting for a batch job whose queue may be slow, silent or wrong for a while."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from enum import Enum

from .shipped_task import ShippedTask

_logger = logging.getLogger("luigi-interface")
_UNSEEN_AT_MOST = 3
"""How often in succession a job may be unknown to its queue, and without a result, before it counts as lost."""
_SILENT_AT_MOST = 20
"""How often in succession a queue may fail to answer."""


class Standing(Enum):
    """What a queue says of a job."""

    WAITING = "pending"
    RUNNING = "running"
    GONE = "ended, or unknown"
    STUCK = "in error"
    SILENT = "the queue does not answer"


class JobFailed(RuntimeError):
    """A batch job, or the work it did, failed."""


def await_end(job: str, shipped: ShippedTask, ask: Callable[[], Standing], poll_time: float) -> None:
    """Returns when the work is done; JobFailed says why it is not.

    The result in the folder counts, whatever the queue says: it may forget a job before its result can be seen here,
    and may not know it yet.
    """
    unseen = silent = 0
    before: Standing | None = None
    while True:
        time.sleep(poll_time)
        standing = ask()
        # asked after the queue: who is gone then has left its result before
        result = shipped.result()
        if result is not None:
            if result.error:
                raise JobFailed(f"{job} failed:\n{result.error}")
            _logger.info("%s is done", job)
            return
        if standing is not before:
            _logger.info("%s is %s", job, standing.value)
            before = standing
        if standing is Standing.STUCK:
            raise JobFailed(f"{job} is in an error state in its queue{_told(shipped)}")
        unseen = unseen + 1 if standing is Standing.GONE else 0
        silent = silent + 1 if standing is Standing.SILENT else 0
        if unseen >= _UNSEEN_AT_MOST:
            raise JobFailed(f"{job} is lost: its queue does not know it, and it left no result{_told(shipped)}")
        if silent >= _SILENT_AT_MOST:
            raise JobFailed(f"{job} cannot be followed: its queue has not answered {silent} times; the job may go on")


def _told(shipped: ShippedTask) -> str:
    text = shipped.printed()
    return f"; it wrote:\n{text}" if text else ""

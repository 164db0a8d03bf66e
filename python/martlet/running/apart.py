"""A process that ends another one when its time is over: how a job keeps to its task's time limit."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable
from contextlib import suppress

from .. import _bridge

GRACE = 5.0
"""Seconds between SIGTERM and SIGKILL, as in the driver."""


def within(limit: float, body: Callable[[], int]) -> int | None:
    """Runs `body` in a forked process that leads its own group. Returns its exit code; None when it took too long.

    Its group is gone when this returns. A signal that ends it ends this process too.
    """
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _become(parent, body)
    with suppress(PermissionError, ProcessLookupError):  # the child did it first
        os.setpgid(pid, pid)
    watched = os.pidfd_open(pid)
    in_time = _ends(watched, limit)
    if not in_time:
        _signal_group(pid, signal.SIGTERM)
        _ends(watched, GRACE)
    # while it is not reaped its number cannot mean anybody else
    _signal_group(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    os.close(watched)
    if not in_time:
        return None
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(parent, -code)
    return code


def _become(parent: int, body: Callable[[], int]) -> None:
    code = 1
    try:
        os.setpgid(0, 0)
        _bridge.set_parent_death_signal(signal.SIGKILL)
        if os.getppid() == parent:
            code = body()
    finally:
        os._exit(code)


def _ends(watched: int, seconds: float) -> bool:
    return bool(select.select([watched], [], [], seconds)[0])


def _signal_group(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)

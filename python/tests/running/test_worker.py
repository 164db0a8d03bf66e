"""A worker and its signals."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator

import pytest

from martlet.running.wear import Wear
from martlet.running.worker import Worker


@pytest.fixture
def usual_signals() -> Iterator[None]:
    """What a worker installs in its process is taken back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


class Interrupted:
    """In the place of a series: Ctrl-C arrives when its task has ended."""

    peak = 0

    def run(self, _index: int) -> None:
        return None

    def take(self) -> bytes:
        os.kill(os.getpid(), signal.SIGINT)
        return b"the end of a task"

    def begin(self) -> None:
        raise AssertionError("nothing was told of one by one")


def test_an_interrupt_while_an_end_is_told_is_nobodys(usual_signals: None) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        worker = Worker(ours, Wear(float("inf")))
        worker._busy = True
        worker._run(Interrupted(), 1)  # type: ignore[arg-type]
        assert theirs.recv(100) == b"the end of a task"

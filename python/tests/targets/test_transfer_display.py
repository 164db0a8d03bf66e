from __future__ import annotations

import io
import sys
import time

import pytest

from martlet.targets.transfer_display import TransferDisplay


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


class Stream(io.StringIO):
    terminal = False

    def isatty(self) -> bool:
        return self.terminal


def shown(monkeypatch: pytest.MonkeyPatch, *, terminal: bool = False) -> Stream:
    """What is written to stderr from here on; not in a fixture, after which pytest puts its own there."""
    stream = Stream()
    stream.terminal = terminal
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def test_what_is_quick_is_not_shown(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = shown(monkeypatch, terminal=True)
    with TransferDisplay("fetching", 3) as display:
        for _ in range(9):
            clock.now += 0.1
            display.progress(1, 2, 1, 3)
    assert stream.getvalue() == ""


def test_a_line_of_a_terminal_that_goes_away(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = shown(monkeypatch, terminal=True)
    with TransferDisplay("fetching", 3) as display:
        for _ in range(4):
            clock.now += 0.5
            display.progress(1_000_000, 2_500_000_000, 1, 3)
    lines = stream.getvalue().split("\r\033[K")
    assert lines[1] == "martlet: fetching 1 of 3 files, 1.0 MB of 2.5 GB, 1.0 MB/s"
    assert len(lines) == 5 and lines[-1] == ""


def test_lines_of_a_log_now_and_then(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = shown(monkeypatch)
    with TransferDisplay("storing", 1) as display:
        for _ in range(62):
            clock.now += 0.5
            display.progress(5, 0, 0, 1)
    assert stream.getvalue().splitlines() == ["martlet: storing 5 bytes of 5 bytes, 0 bytes/s"] * 3


def test_without_a_stream(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with TransferDisplay("storing", 1) as display:
        clock.now += 50
        display.progress(5, 5, 1, 1)

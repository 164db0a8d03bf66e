"""Progress as plain lines, for logs and pipes and for tasks that run in the driver itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TextIO

from ..running.reporter import Snapshot
from ..running.result import FamilyCount, RunResult
from ..running.title import title
from . import job_table, terminal

MOST_FAILURES = 10
"""Failures told of one by one while a run goes on."""


class PlainReporter:
    """Lines on a stream: what would run, now and then how far it is, each new group of failures.

    Progress lines come at most every `interval` seconds, more rarely in long runs, and only when something has
    changed. `patience` is the least time in seconds between two lines about tasks that start in the driver.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        interval: float = 5.0,
        patience: float = 0.5,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._interval = interval
        self._patience = patience
        self._clock = clock
        self._last = clock()
        self._last_start = float("-inf")
        self._told = ""
        self._failed: dict[str, tuple[int, float]] = {}
        """By family: how many failures were told of, and when."""
        self._failures_told = 0
        self._to_run = 0
        self._began = False
        self._started = 0
        self._asks = False

    def planning(self, seen: int) -> None:
        if not self._began and self._clock() - self._last >= self._interval:
            self._line(f"planning: {seen} tasks seen so far")
            self._last = self._clock()

    def planned(self, families: Sequence[FamilyCount], to_run: int) -> None:
        self._to_run = to_run
        total = sum(family.total for family in families)
        if to_run:
            self._line(f"{tasks(to_run)} to run{f', {total} known' if total > to_run else ''}")

    def progress(self, snapshot: Snapshot) -> None:
        self._began = True
        self.failures(snapshot)
        now = self._clock()
        # one line in 5 s at first, one a minute after a quarter of an hour
        pause = max(self._interval, min(60.0, snapshot.elapsed / 15))
        if now - self._last < pause:
            return
        text = position(snapshot)
        if snapshot.batch is not None:
            text += f"; {job_table.line(snapshot.batch)}"
        if snapshot.running:
            first = snapshot.running[0]
            others = len(snapshot.running) - 1 + snapshot.running_untold
            more = f" and {others} more" if others else ""
            log = f", log {first.log}" if first.log else ""
            text += f"; running {first.title} ({terminal.duration(first.seconds)}{log}){more}"
        told = text
        if (batch := snapshot.batch) is not None:  # a pace always changes
            told = f"{snapshot.ended} {batch.queues} {batch.waits_for}"
        if told != self._told and not self._asks:
            self._line(text)
            self._told = told
            self._last = now

    def note(self, text: str) -> None:
        self._line(text)

    def asks(self, question: str) -> bool:
        if not self._stream.isatty():  # nobody would see it
            return False
        self._asks = True
        with suppress(OSError):
            self._stream.write(f"martlet: {question}")
            self._stream.flush()
        return True

    def answered(self, *, withdrawn: bool = False) -> None:
        self._asks = False
        if withdrawn:
            with suppress(OSError):
                self._stream.write("\n")

    def started_here(self, task: object) -> bool:
        self._started += 1
        now = self._clock()
        tells = now - self._last_start >= self._patience
        if tells:
            # what run() asks for, and what is tried again, was not counted before
            count = f"[{self._started}/{self._to_run}] " if self._started <= self._to_run else ""
            self._line(f"{count}{title(task)}")
            self._last_start = self._last = now
        return tells

    def status(self, task: object) -> str:
        return ""  # lines stay where they are

    def printed(self, title: str, line: str) -> None:
        self._stream.write(f"[{title}] {line}\n")
        self._stream.flush()

    def finished(self, result: RunResult) -> None:
        self._stream.flush()

    def failures(self, snapshot: Snapshot) -> None:
        """The first failures one by one; of hundreds only how many a family has, now and then."""
        for failure in snapshot.failures[: MOST_FAILURES - self._failures_told]:
            self._failures_told += 1
            self._line(f"failed: {failure.title}: {failure.cause}{f' (log {failure.log})' if failure.log else ''}")
            self._last = self._clock()
        if self._failures_told >= MOST_FAILURES:
            self._count_failures(snapshot.families)

    def _count_failures(self, families: Sequence[FamilyCount]) -> None:
        now = self._clock()
        for family in families:
            told, when = self._failed.get(family.family, (MOST_FAILURES, 0.0))
            if family.failed > 2 * told or (family.failed > told and now - when >= self._interval):
                self._failed[family.family] = family.failed, now
                self._line(f"{family.family}: {family.failed} failed so far")

    def _line(self, text: str) -> None:
        with suppress(OSError):  # whoever read it has left, the terminal is closed: the work goes on
            self._stream.write(f"martlet: {text}\n")
            self._stream.flush()


def tasks(count: int) -> str:
    """`1 task`, `12 tasks`."""
    return "1 task" if count == 1 else f"{count} tasks"


def position(snapshot: Snapshot) -> str:
    """`12/48 tasks, 3.1/s, about 12.0 s left`; while more are planned `12/48 tasks so far`."""
    parts = [f"{snapshot.ended}/{snapshot.to_run} tasks{' so far' if snapshot.is_growing else ''}"]
    if snapshot.rate > 0 and snapshot.batch is None:
        parts.append(terminal.rate(snapshot.rate))
    if snapshot.elsewhere:
        parts.append(f"{sum(count for _, count in snapshot.elsewhere)} with another run")
    if snapshot.left is not None and snapshot.batch is None:
        parts.append(f"about {terminal.duration(snapshot.left)} left")
    return ", ".join(parts)

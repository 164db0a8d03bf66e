"""How a run parts from jobs that its batch system has, when it is asked to stop."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .._bridge import Run
    from .options import Options
    from .reporter import Reporter
    from .signals import Signals

_ANSWER_WITHIN = 60.0
"""Seconds after which a question that nobody answers is answered by itself: the run waits on."""
_SUBMISSION_WITHIN = 15.0
"""Seconds for which a submission that is under way is awaited before its jobs are left."""
_CANCELLED_WITHIN = 120.0
"""Seconds for which the end of cancelled jobs is awaited."""
_STDIN = 0


class _Stage(Enum):
    GOING = "going"
    ASKING = "asking"
    LEAVING = "leaving"
    CANCELLING = "cancelling"
    GONE = "gone"


class Parting:
    """Takes in requests to stop while jobs are in a batch system: asks whether they are to be left or cancelled, sees
    to that, and tells the engine. No call waits: jobs are looked after meanwhile.

    Ctrl-C asks, or does what `Options.on_interrupt` says; SIGTERM and SIGHUP leave the jobs, and so does a further
    signal, the end of the input, and Ctrl-C where there is nobody to ask.
    """

    def __init__(
        self, run: Run, options: Options, reporter: Reporter, signals: Signals, interrupt: Callable[[int], None]
    ) -> None:
        """`interrupt`: tells the engine, 1: nothing new, 2: give up what runs."""
        self._run = run
        self._options = options
        self._reporter = reporter
        self._signals = signals
        self._interrupt = interrupt
        self._stage = _Stage.GOING
        self._seen = 0
        """Signals that were dealt with."""
        self._until = 0.0
        """When the stage is over, whatever has come of it."""
        self._typed = b""

    def turn(self) -> None:
        """Does what is due."""
        while self._seen < self._signals.count:
            self._seen += 1
            self._hear(self._signals.last)
        if self._stage == _Stage.ASKING:
            self._listen()
        elif self._stage == _Stage.LEAVING:
            if not self._run.is_submitting() or time.monotonic() >= self._until:
                self._go()
        elif self._stage == _Stage.CANCELLING:
            self._await_cancelled()

    def passed_over(self) -> None:
        """Signals so far were dealt with by others: there was no batch system yet."""
        self._seen = self._signals.count

    def leave(self) -> None:
        """Leaves the jobs to a later run; submissions under way are awaited for a moment."""
        self._run.hold_jobs(1)
        self._set(_Stage.LEAVING, _SUBMISSION_WITHIN)

    # ---- signals

    def _hear(self, number: int) -> None:
        if self._stage in (_Stage.LEAVING, _Stage.CANCELLING):
            return self._go()
        if self._stage == _Stage.ASKING:
            self._reporter.answered(withdrawn=True)
            return self._leave_with_word()
        if self._stage == _Stage.GONE:
            return None
        wish = self._options.on_interrupt if number == signal.SIGINT and not self._options.no_wait else "leave"
        if self._run.open_jobs() == 0:
            self._reporter.note("stopping: nothing new is started or submitted")
            self._interrupt(min(self._seen, 2))
        elif wish == "cancel":
            self._cancel()
        elif wish == "leave" or not self._ask():
            self._leave_with_word()
        return None

    def _leave_with_word(self) -> None:
        word = f"leaving {_jobs(self._run.open_jobs())} in {self._options.batch} to the next run"
        self.leave()
        self._reporter.note(word)

    def _go(self) -> None:
        self._stage = _Stage.GONE
        self._interrupt(2)

    # ---- asking

    def _ask(self) -> bool:
        """Whether the question could be put."""
        count = self._run.open_jobs()
        are = "is" if count == 1 else "are"
        question = (
            f"{_jobs(count)} {are} in {self._options.batch}: "
            "[l]eave them for the next run, [c]ancel them, [w]ait on? "
        )
        if not can_ask() or not self._reporter.asks(question):
            return False
        # what is ready meanwhile is submitted if the run goes on
        self._run.hold_jobs(1)
        self._typed = b""
        self._set(_Stage.ASKING, _ANSWER_WITHIN)
        return True

    def _listen(self) -> None:
        if time.monotonic() >= self._until:
            self._reporter.answered(withdrawn=True)
            return self._wait_on("no answer: waiting on")
        if not os.isatty(_STDIN):  # the terminal is gone
            return self._leave_with_word()
        if not can_ask():  # it was moved to the background: reading would stop this process
            self._reporter.answered(withdrawn=True)
            return self._wait_on("in the background: waiting on")
        if not select.select([_STDIN], [], [], 0)[0]:
            return None
        try:
            typed = os.read(_STDIN, 1024)
        except OSError:  # the terminal is gone
            typed = b""
        self._typed += typed
        line, end, _ = self._typed.partition(b"\n")
        if typed and not end:
            return None
        self._typed = b""
        answer = _answer(line)
        self._reporter.answered(withdrawn=not typed)
        if answer == "cancel":
            return self._cancel()
        if answer == "wait":
            return self._wait_on("waiting on")
        if answer == "leave" or not typed or not self._ask():
            return self._leave_with_word()
        return None

    def _wait_on(self, word: str) -> None:
        self._reporter.note(word)
        self._run.hold_jobs(0)
        self._signals.forget()
        self._stage = _Stage.GOING

    # ---- cancelling

    def _cancel(self) -> None:
        word = f"cancelling {_jobs(self._run.open_jobs())} in {self._options.batch}"
        self._interrupt(1)
        self._run.cancel_jobs()
        self._set(_Stage.CANCELLING, _CANCELLED_WITHIN)
        self._reporter.note(word)

    def _await_cancelled(self) -> None:
        if self._run.open_jobs() == 0:
            self._stage = _Stage.GONE
        elif time.monotonic() >= self._until:
            what = f"{_jobs(self._run.open_jobs())} in {self._options.batch}"
            self._reporter.note(f"{what} not seen to end in {_CANCELLED_WITHIN:.0f} s: left to the next run")
            self._go()

    def _set(self, stage: _Stage, within: float) -> None:
        self._stage = stage
        self._until = time.monotonic() + within


def _answer(line: bytes) -> str:
    """Which answer was meant by a whole word or its beginning; empty for anything else: no slip cancels a job."""
    word = line.decode("ascii", "replace").strip().lower()
    return next((answer for answer in ("leave", "cancel", "wait") if word and answer.startswith(word)), "")


def can_ask() -> bool:
    """Whether this process may read an answer from a terminal: one in the background would be stopped."""
    try:
        return sys.stdin is not None and os.isatty(_STDIN) and os.tcgetpgrp(_STDIN) == os.getpgrp()
    except OSError:
        return False


def _jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count} jobs"

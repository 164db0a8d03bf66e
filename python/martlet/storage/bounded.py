"""Calls that may never return."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")

_GLANCE = 0.2
"""Seconds between two looks at how far a call has come."""
_SLOWEST = 100_000
"""Bytes a second: what was taken up at once may be on its way so long, unseen."""
_LONGEST = 540
"""Seconds that any call may stand still: a little less than a courier that tells nothing new is waited for."""


def within(seconds: float, call: Callable[[], Answer]) -> Answer:
    """What `call` returns or raises; TimeoutError when it has not after so many seconds.

    It is left behind then, in a thread that holds nothing up.
    """
    running = _Call(call)
    if not running.ends_within(seconds):
        raise TimeoutError(f"no answer in {seconds:g} seconds")
    return running.answer()


def while_moving(
    seconds: float, size: int, call: Callable[[], Answer], come: Callable[[], int], moved: Callable[[int], None]
) -> Answer:
    """What `call` returns or raises; TimeoutError when it stands still. It is left behind then.

    `come()` tells how many of `size` bytes it has dealt with so far, `moved` is told of each change; when the call
    fails, all is taken back. It may stand still for so many seconds, and for as long as the largest piece that it has
    dealt with at once needs at the slowest pace; at first that may be all there is.
    """
    running = _Call(call)
    told, largest = 0, size
    last = time.monotonic()
    try:
        while not running.ends_within(_GLANCE):
            step = max(0, min(come(), size)) - told
            now = time.monotonic()
            if step:
                largest = abs(step) if told == 0 else max(largest, abs(step))
                told, last = told + step, now
                moved(step)
            elif now - last > min(_LONGEST, seconds + largest / _SLOWEST):
                raise TimeoutError(f"nothing has come for {now - last:.0f} seconds, after {told:,} of {size:,} bytes")
        answer = running.answer()
    except BaseException:
        moved(-told)
        raise
    moved(size - told)
    return answer


class _Call(Generic[Answer]):
    """It goes on in a thread of its own."""

    def __init__(self, call: Callable[[], Answer]) -> None:
        self._call = call
        self._answers: list[Answer] = []
        self._errors: list[Exception] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._answers.append(self._call())
        except Exception as error:  # raised by `answer`, in the thread that waits
            self._errors.append(error)

    def ends_within(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def answer(self) -> Answer:
        """Once it has ended."""
        if self._errors:
            raise self._errors[0]
        return self._answers[0]

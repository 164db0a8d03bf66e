"""What tasks leave behind in a worker that cannot be put back: memory, threads."""

from __future__ import annotations

import os
import re
import threading

from . import machine
from .outcome import Kind, Outcome

_PAGE = os.sysconf("SC_PAGE_SIZE")
_GB = 10**9
USUAL_GB = 2.0
_UNNAMED = re.compile(r"(Thread|Dummy)-\d+")
"""What Python calls a thread that nobody gave a name. Libraries name those that they keep for all their work, such as
fsspec's for input and output and the pools of concurrent.futures: every task that reads a file would leave them."""
_MOST_THREADS = 64
"""Named or not, so many more than at the beginning are too many."""


def allowance(gigabytes: float | None, workers: int) -> float:
    """By how many bytes a worker's memory may have grown: as set, else 2 GB, or half of its part of the machine."""
    if gigabytes is not None:
        return gigabytes * _GB
    return min(USUAL_GB * _GB, machine.memory() / 2 / max(1, workers))


class Wear:
    """Says of a worker, after each task, whether it had better run no other."""

    def __init__(self, allowance: float) -> None:
        """`allowance`: bytes by which its memory may grow from now on."""
        self._enough = _own_memory() + allowance
        self._enough_at_peak = (_resident() + allowance) / 1024
        self._threads = threading.active_count()
        self._unnamed = len(_unnamed())

    def look_at(self, outcome: Outcome) -> None:
        """Marks the outcome of a task that wore this process out; where the task is done, says by what."""
        if left := self.left(outcome.peak):
            outcome.worn = True
            if outcome.kind == Kind.DONE and not outcome.asks and not outcome.text:
                outcome.text = f"left {left} behind: a fresh worker takes the place of the one it ran in"

    def left(self, peak: int) -> str:
        """What a task left behind, in words; empty: nothing. `peak`: the process's peak memory after it, in kB."""
        left = ""
        # memory that was never used has not grown
        if peak > self._enough_at_peak and _own_memory() > self._enough:
            left = "memory"
        if threading.active_count() > self._threads:
            unnamed = _unnamed()
            if len(unnamed) > self._unnamed:
                name = re.sub(r"-\d+", "", unnamed[-1])
                left = f"a thread ({name})"
            elif threading.active_count() > self._threads + _MOST_THREADS:
                left = "too many threads"
        return left


def _unnamed() -> list[str]:
    """Threads that nobody gave a name, the youngest last."""
    return [thread.name for thread in threading.enumerate() if _UNNAMED.match(thread.name)]


def _resident() -> int:
    return _pages()[1] * _PAGE


def _own_memory() -> int:
    """Bytes of resident memory that are no mapped files."""
    _, resident, shared = _pages()
    return (resident - shared) * _PAGE


def _pages() -> tuple[int, int, int]:
    with open("/proc/self/statm", "rb", buffering=0) as file:
        size, resident, shared = file.read(256).split()[:3]
    return int(size), int(resident), int(shared)

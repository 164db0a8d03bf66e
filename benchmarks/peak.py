"""The largest memory of a tree of processes, looked at by a process of its own."""

from __future__ import annotations

import os
import select
import struct
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

_SHORTEST = 0.02
"""Seconds between two looks, at least."""
_SHARE = 0.02
"""Of the time at most this much goes into looking: a process of 1 GB takes 10 ms, and waits meanwhile."""
_ANSWER = struct.Struct("<q")


class PeakMemory:
    """Samples the sum of PSS over all descendants of this process from `begin` until `stop`.

    PSS counts a page shared by n processes as one n-th, and files in /dev/shm not at all, unless they are mapped.
    """

    def __init__(self) -> None:
        answer, self._to_harness = os.pipe()
        orders, self._orders = os.pipe()
        self._answer = answer
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._orders)
            try:
                os.read(orders, 1)
                os.write(self._to_harness, _ANSWER.pack(_largest(os.getppid(), orders)))
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(0)
        os.close(orders)
        os.close(self._to_harness)

    def begin(self) -> None:
        """Begins. Not before the measured program is there: a process on its way to it shows this one's memory."""
        os.write(self._orders, b"!")

    def stop(self) -> int:
        """Ends the sampling. Returns the largest sum in bytes."""
        os.close(self._orders)
        text = os.read(self._answer, _ANSWER.size)
        os.close(self._answer)
        os.waitpid(self.pid, 0)
        peak: int = _ANSWER.unpack(text)[0]
        return peak


def _largest(root: int, orders: int) -> int:
    own = os.getpid()
    peak = 0
    while True:
        started = time.monotonic()
        peak = max(peak, sum(pss(pid) for pid in descendants(root) if pid != own))
        took = time.monotonic() - started
        if select.select([orders], [], [], max(_SHORTEST, took / _SHARE))[0]:
            return peak


def descendants(root: int) -> Iterator[int]:
    """All processes below one, as far as they can be found while they come and go."""
    waiting = [root]
    while waiting:
        parent = waiting.pop()
        try:
            threads = os.listdir(f"/proc/{parent}/task")
        except (FileNotFoundError, ProcessLookupError):
            continue
        for thread in threads:
            try:
                children = Path(f"/proc/{parent}/task/{thread}/children").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            found = [int(word) for word in children.split()]
            yield from found
            waiting += found


def pss(pid: int) -> int:
    """Bytes; nothing for a process that has gone."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        pass
    return 0

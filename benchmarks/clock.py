"""The clock of a measured process."""

from __future__ import annotations

import os
import resource
import time

_CLOCK = "MARTLET_BENCHMARK_CLOCK"


class Clock:
    """How a measured process says when its work began and when it ended.

    Interpreter, imports and the end of the process are measured apart, as start-up.
    """

    def __init__(self) -> None:
        self._descriptor = int(os.environ.pop(_CLOCK))
        os.set_inheritable(self._descriptor, False)

    @staticmethod
    def environment(descriptor: int) -> dict[str, str]:
        """What lets a child process find the pipe."""
        return {_CLOCK: str(descriptor)}

    def begins(self) -> None:
        """The work begins."""
        self._tell("begin")

    def ends(self) -> None:
        """It has ended, with all processes that did it."""
        self._tell("end")

    def tell(self, **numbers: float) -> None:
        """Numbers that are kept as they are."""
        os.write(self._descriptor, "".join(f"{name} {value!r}\n" for name, value in numbers.items()).encode())

    def _tell(self, moment: str) -> None:
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        cpu = sum(usage.ru_utime + usage.ru_stime for usage in usages)
        self.tell(**{f"{moment}_cpu": cpu, f"{moment}_wall": time.monotonic()})

    @staticmethod
    def parse(text: str) -> dict[str, float]:
        """What was told."""
        return {name: float(value) for name, value in (line.split() for line in text.splitlines())}

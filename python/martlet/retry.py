"""Which failures of a task are worth another try."""

# A plain class: dataclasses cost every start of Martlet 10 ms.

from __future__ import annotations

from typing import Any


class Retry:
    """How often a task is tried again, by the cause of its failure, and how long is waited in between.

    Set it on a task class: `retry = martlet.Retry(error=2, delay=30)`. It does not change once made.
    """

    __slots__ = (
        "back_off",
        "delay",
        "error",
        "holds_run",
        "longest_delay",
        "lost",
        "memory",
        "memory_factor",
        "memory_resource",
        "storage",
        "timeout",
    )

    def __init__(
        self,
        *,
        error: int = 0,
        lost: int = 1,
        memory: int = 1,
        storage: int = 2,
        timeout: int = 0,
        delay: float = 0.0,
        back_off: float = 2.0,
        longest_delay: float = 3600.0,
        memory_resource: str = "memory_gb",
        memory_factor: float = 2.0,
        holds_run: bool = True,
    ) -> None:
        """Numbers of further tries after:

        error: run() raised, or returned without having made its outputs;
        lost: the process that ran it died or was killed;
        memory: it ran out of memory; then it asks for `memory_factor` times as much of `memory_resource`;
        storage: trouble with storage that may be over soon (a time-out, a stale handle, an I/O error);
        timeout: its time limit.

        `delay`: seconds before the first further try; the next is `back_off` times the last, `longest_delay` at most.
        `holds_run`: the run goes on while the task waits for its further try; if not, it ends without it once nothing
        else is left to be done.
        Raises ValueError for numbers that make no sense.
        """
        if min(error, lost, memory, storage, timeout, delay, longest_delay) < 0:
            raise ValueError("Retry: numbers of tries and seconds are not negative")
        if back_off < 1 or memory_factor < 1:
            raise ValueError("Retry: back_off and memory_factor are at least 1")
        self.error, self.lost, self.memory, self.storage, self.timeout = error, lost, memory, storage, timeout
        self.delay, self.back_off, self.longest_delay = delay, back_off, longest_delay
        self.memory_resource, self.memory_factor = memory_resource, memory_factor
        self.holds_run = holds_run

    def __repr__(self) -> str:
        return f"Retry({', '.join(f'{name}={getattr(self, name)!r}' for name in self.__slots__)})"

    def terms(self) -> dict[str, Any]:
        """As the engine reads it (`Terms` in the runtime)."""
        from .running.outcome import Kind  # only needed where something is run

        retries = {
            Kind.RAISED: self.error,
            Kind.OUTPUTS_NOT_MADE: self.error,
            Kind.WORKER_LOST: self.lost,
            Kind.OUT_OF_MEMORY: self.memory,
            Kind.STORAGE_TROUBLE: self.storage,
            Kind.TIMED_OUT: self.timeout,
        }
        return {
            "retries": {str(int(kind)): count for kind, count in retries.items() if count},
            "delay": self.delay,
            "back_off": self.back_off,
            "longest_delay": self.longest_delay,
            "memory_resource": self.memory_resource,
            "memory_factor": self.memory_factor,
            "holds_run": self.holds_run,
        }

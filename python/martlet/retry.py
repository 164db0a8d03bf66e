"""Which failures of a task are worth another try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .running.outcome import Kind


@dataclass(frozen=True)
class Retry:
    """How often a task is tried again, by the cause of its failure, and how long is waited in between.

    Set it on a task class: `retry = martlet.Retry(error=2, delay=30)`. Each number counts further tries.
    """

    error: int = 0
    """After run() raised, or returned without having made its outputs."""
    lost: int = 1
    """After the process that ran it died or was killed."""
    memory: int = 1
    """After running out of memory; then with `memory_factor` times as much of the resource `memory_resource`."""
    storage: int = 2
    """After trouble with storage that may be over soon: a time-out, a stale handle, an I/O error."""
    timeout: int = 0
    """After its time limit."""
    delay: float = 0.0
    """Seconds before the first further try."""
    back_off: float = 2.0
    """The next delay is this many times the last."""
    longest_delay: float = 3600.0
    """No delay is longer, in seconds."""
    memory_resource: str = "memory_gb"
    memory_factor: float = 2.0

    def __post_init__(self) -> None:
        counts = (self.error, self.lost, self.memory, self.storage, self.timeout)
        if any(count < 0 for count in counts) or self.delay < 0 or self.longest_delay < 0:
            raise ValueError(f"{self}: numbers of tries and seconds are not negative")
        if self.back_off < 1 or self.memory_factor < 1:
            raise ValueError(f"{self}: back_off and memory_factor are at least 1")

    def terms(self) -> dict[str, Any]:
        """As the engine reads it (`Terms` in the runtime)."""
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
        }

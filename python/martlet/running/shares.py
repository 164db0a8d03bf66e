"""What each task of a run may use of the machine: cores, threads, devices."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..diagnostics import Code, Diagnostic, MartletError
from . import devices, machine

if TYPE_CHECKING:
    from ..task import Task
    from .options import Options

CORES, GPU, MEMORY = "cores", "gpu", "memory_gb"
"""The resources that mean something of the machine."""


class Shares:
    """The rules of one run.

    Several tasks at a time: each has the cores that it asks for, one if it does not say, and sees no GPU but its own.
    One task at a time has the machine to itself, but for what it asks for. A batch system knows its own machines.
    """

    def __init__(self, options: Options) -> None:
        """Raises MartletError when the configured GPUs make no sense."""
        self._one_by_one = options.workers == 1
        self._batch = options.batch is not None
        limits = options.resources
        self._uncounted = [name for name in (CORES, GPU, MEMORY) if self._batch and name not in limits]
        self.cores = limits.get(CORES, float(max(options.workers, machine.processors())))
        self.gpus: devices.GPUs | None = None
        if not self._batch:
            try:
                self.gpus = devices.share_out(options.gpus, limits.get(GPU))
            except ValueError as error:
                raise MartletError(Diagnostic(Code.MALFORMED_VALUE, "gpus", str(error))) from None
        # whoever sets this means it for every task that does not say itself
        self._threads = 0 if "OMP_NUM_THREADS" in os.environ else 1

    def limits(self) -> dict[str, Any]:
        """What the engine is told of them (`DriverOptions` in the runtime)."""
        if self._batch:
            return {}
        told: dict[str, Any] = {"cores": self.cores}
        if self.gpus is not None:
            told["devices"] = {GPU: self.gpus.naming()}
        return told

    def of(self, task: Task, resources: dict[str, float]) -> dict[str, Any]:
        """The share of a task (`Share` in the engine). Takes out of its resources what is not counted as such."""
        if self._batch:
            for name in self._uncounted:
                resources.pop(name, None)
            return {}
        stated = resources.pop(CORES, None)
        alone = self._one_by_one or not task.confined
        if stated is not None:
            cores = min(stated, self.cores)
            return {"cores": cores, "threads": max(1, int(cores)), "hides_devices": not alone}
        return {} if alone else {"cores": 1, "threads": self._threads, "hides_devices": True}

"""The whole life of a worker."""

from __future__ import annotations

import faulthandler
import socket
from array import array
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..task import Task
from .batch import Batches
from .execution import Execution
from .log_here import length_of
from .pupil import Pupil
from .wear import Wear, allowance
from .worker import Worker, redirect_output

if TYPE_CHECKING:
    from .options import Options


def of(
    tasks: Sequence[Task],
    dependencies: Sequence[array[int] | None],
    classes: Sequence[type[Task]],
    options: Options,
    logs: Path,
) -> Callable[[int, socket.socket], None]:
    """What a worker does in its process, given its number and its connection to the driver, until that hangs up.

    `classes`: what lessons about tasks that are planned later name by place.
    """

    def live(worker: int, connection: socket.socket) -> None:
        path = str(logs / f"worker-{worker}.log")
        process = Worker(connection, Wear(allowance(options.memory_per_worker, options.workers)))
        try:
            log = length_of(redirect_output(path))
            faulthandler.enable(2)  # where a crash in compiled code came from
        except OSError as error:
            log = None
            process.trouble = f"the log of its worker cannot be written: {error.strerror}: {path}"
        execution = Execution(tasks, dependencies, options.check_outputs, log, Pupil(classes))
        process.serve(execution, Batches(execution, options.check_outputs, log))

    return live

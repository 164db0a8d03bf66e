"""The whole life of a worker."""

from __future__ import annotations

import faulthandler
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .combined import Batches
from .execution import Execution
from .log_here import length_of
from .pupil import Pupil
from .series import Series
from .wear import Wear, allowance
from .worker import Worker, redirect_output

if TYPE_CHECKING:
    from .options import Options
    from .plan import Planner


def of(planner: Planner, options: Options, logs: Path) -> Callable[[int, socket.socket], None]:
    """What a worker does in its process, given its number and its connection to the driver, until that hangs up."""
    # lessons about tasks that are planned later name classes by their place
    tasks, dependencies, classes = planner.tasks, planner.dependencies, planner.teaching.classes

    def live(worker: int, connection: socket.socket) -> None:
        path = "" if options.prints_here else str(logs / f"worker-{worker}.log")
        process = Worker(connection, Wear(allowance(options.memory_per_worker, options.workers)))
        try:
            log = length_of(redirect_output(path))
            faulthandler.enable(2)  # where a crash in compiled code came from
        except OSError as error:
            log = None
            process.trouble = f"the log of its worker cannot be written: {error.strerror}: {path}"
        execution = Execution(tasks, dependencies, options.check_outputs, log, Pupil(classes), planner.rules.checksum)
        process.serve(execution, Series(execution, planner.absent), Batches(execution, options.check_outputs, log))

    return live

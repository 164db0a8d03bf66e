"""luigi.worker: what scripts see of whoever runs their tasks. The engine does; see `martlet.running`."""

# The names and defaults of the settings are luigi's.

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import events
from .. import parameters as parameter
from .. import task as native
from ..running.states import State
from .task import Config
from .task_exception import TaskException
from .task_status import DISABLED, DONE, FAILED, PENDING, UNKNOWN

if TYPE_CHECKING:
    from ..running.result import RunResult
    from ..running.witness import Account

# luigi measures what run() takes by the time of day
events.clock = lambda: time.time()


class worker(Config):
    """The section [worker]; `--worker-…` on luigi's command line."""

    id = parameter.Parameter(default="", description="The name of the worker, in place of one made of host and process")
    ping_interval = parameter.FloatParameter(
        default=1.0, config_path={"section": "core", "name": "worker-ping-interval"}
    )
    keep_alive = parameter.BoolParameter(default=False, config_path={"section": "core", "name": "worker-keep-alive"})
    count_uniques = parameter.BoolParameter(
        default=False, config_path={"section": "core", "name": "worker-count-uniques"}
    )
    count_last_scheduled = parameter.BoolParameter(default=False)
    wait_interval = parameter.FloatParameter(
        default=1.0, config_path={"section": "core", "name": "worker-wait-interval"}
    )
    wait_jitter = parameter.FloatParameter(default=5.0)
    max_keep_alive_idle_duration = parameter.TimeDeltaParameter(default=datetime.timedelta(0))
    max_reschedules = parameter.IntParameter(
        default=1, config_path={"section": "core", "name": "worker-max-reschedules"}
    )
    timeout = parameter.IntParameter(default=0, config_path={"section": "core", "name": "worker-timeout"})
    task_limit: Any = parameter.IntParameter(
        default=None,  # type: ignore[arg-type]
        config_path={"section": "core", "name": "worker-task-limit"},
    )
    retry_external_tasks = parameter.BoolParameter(
        default=False, config_path={"section": "core", "name": "retry-external-tasks"}
    )
    send_failure_email = parameter.BoolParameter(default=True, description="Send an e-mail when a task fails")
    no_install_shutdown_handler = parameter.BoolParameter(default=False)
    check_unfulfilled_deps = parameter.BoolParameter(
        default=True, description="Look once more whether all that a task needs is there before it runs"
    )
    check_complete_on_run = parameter.BoolParameter(
        default=False, description="A task that has run and is not complete has failed"
    )
    force_multiprocessing = parameter.BoolParameter(
        default=False, description="Run each task in a process of its own, with one worker too"
    )
    task_process_context = parameter.OptionalParameter(
        default=None, description="module.Class of a context manager around each task that runs"
    )
    cache_task_completion = parameter.BoolParameter(default=False)


class Worker:
    """Takes tasks with add(), and plans and runs them all with run()."""

    def __init__(
        self,
        scheduler: Any = None,
        worker_id: str | None = None,
        worker_processes: int = 1,
        assistant: bool = False,
        **kwargs: Any,
    ) -> None:
        """`kwargs` are settings of [worker]."""
        if scheduler is None:
            from .scheduler import Scheduler

            scheduler = Scheduler()
        self.worker_processes = int(worker_processes)
        self._config = worker(**kwargs)
        self.host = os.uname().nodename
        self._worker_info = _about_this_process(self.worker_processes)
        described = ", ".join(f"{name}={value}" for name, value in self._worker_info)
        self._id: str = worker_id or self._config.id or f"Worker({described})"
        self._scheduler = scheduler
        self._assistant = assistant
        self._roots: list[Any] = []
        self._add_task_history: list[tuple[Any, str, bool]] = []
        """(task, status, whether it is run here), as the execution summary counts them."""
        self._requirements: dict[Any, list[Any]] = {}
        self._get_work_response_history: list[Any] = []
        self._scheduled_tasks: dict[str, Any] = {}
        self.add_succeeded = True
        self.run_succeeded = True

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *exception: object) -> None: ...

    def add(self, task: Any, multiprocess: bool = False, processes: int = 0) -> bool:
        """Takes a task to be run with all that it needs. True: what cannot be planned is told by run()."""
        if not isinstance(task, native.Task):
            raise TaskException(f"Can not schedule non-task {task}")
        if not task.initialized():
            raise TaskException(
                f"Task of class {type(task).__name__} not initialized. "
                "Did you override __init__ and forget to call super(...).__init__?"
            )
        self._roots.append(task)
        return True

    def run(self) -> bool:
        """Whether every task that was added is complete now or waits for external data alone."""
        roots, self._roots = self._roots, []
        self.add_succeeded = self.run_succeeded = True
        if type(self)._run_task is Worker._run_task:
            self._carry_out(roots)
        else:
            from . import one_by_one  # hardly any worker overrides it

            one_by_one.carry_out(roots, self)
        return self.add_succeeded and self.run_succeeded

    def _run_task(self, task_id: str) -> None:
        """Runs one task, all of whose requirements are complete. Called only where a subclass overrides it."""
        self._carry_out([self._scheduled_tasks[task_id]])

    def _carry_out(self, roots: list[Any]) -> None:
        from .worker_run import carry_out  # whoever only makes a worker does not need the engine

        result = carry_out(roots, self)
        failed = result.count("failed") + result.count("interrupted")
        self.run_succeeded = self.run_succeeded and not failed

    def _remember(self, account: Account, result: RunResult) -> None:
        """Notes how the tasks of a run ended, in the order of their discovery."""
        tasks, retried = account.tasks, frozenset(result.retried)
        for number, task in enumerate(tasks):
            statuses, ours = _ENDINGS[account.planned_state(number)]
            if number in account.faults:
                self.add_succeeded = False
                if task.disabled:
                    statuses = (DISABLED,)
            elif number in retried:
                self.run_succeeded = False  # so says luigi
                statuses = (PENDING, FAILED, DONE)
            self._add_task_history += [(task, status, ours) for status in statuses]
            needed = account.dependencies[number]
            if needed and PENDING in statuses:
                self._requirements[task] = [tasks[other] for other in needed]


_ENDINGS: Mapping[State, tuple[Sequence[str], bool]] = {
    **dict.fromkeys(State, ((PENDING,), True)),
    State.PRESENT: ((DONE,), False),
    State.DONE: ((PENDING, DONE), True),
    State.FAILED: ((PENDING, FAILED), True),
    State.MISSING: ((PENDING,), False),
    State.BROKEN: ((UNKNOWN,), False),
}
"""luigi's statuses of a task that ended so, one after the other, and whether it was to be run here."""


def _about_this_process(workers: int) -> list[tuple[str, object]]:
    from getpass import getuser  # who only imports luigi needs neither
    from random import randrange

    about: list[tuple[str, object]] = [("salt", f"{randrange(10_000_000_000):09d}"), ("workers", workers)]
    about.append(("host", os.uname().nodename))
    try:
        about.append(("username", getuser()))
    except (KeyError, OSError):
        pass  # a user without a name
    about.append(("pid", os.getpid()))
    if sudo_user := os.environ.get("SUDO_USER"):
        about.append(("sudo_user", sudo_user))
    return about


__all__ = ["TaskException", "Worker", "worker"]

"""A worker's run on the engine: settings, log lines, what is remembered."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from ..running.plan import NotATask
from ..running.reporter import Silent
from ..running.result import RunResult
from ..steering import session
from . import retries, shutdown
from .configuration import get_config
from .run_log import RunLog
from .task_context import TaskContext
from .task_exception import TaskException

if TYPE_CHECKING:
    from ..running.witness import Account
    from .worker import Worker

_LOGGER = logging.getLogger("luigi-interface")


class _Notes(Silent):
    """Hints of the engine, among luigi's own lines."""

    def note(self, text: str) -> None:
        _LOGGER.warning(text)


class _Witness:
    """Tells of the plan, and lets the worker remember how it all ended."""

    def __init__(self, worker: Worker, log: RunLog) -> None:
        self._worker = worker
        self._log = log
        self.account: Account | None = None
        """As far as is known."""

    def planned(self, account: Account) -> None:
        """Nothing runs where requires() gave something else than tasks: in luigi that is no failure of one task."""
        for fault in account.faults.values():
            if isinstance(fault.error, NotATask):
                raise TaskException(str(fault.error)) from fault.error
        self.account = account
        self._log.planned(account)

    def ended(self, account: Account, result: RunResult) -> None:
        self.account = account
        self._worker._remember(account, result)


def carry_out(roots: Sequence[Any], worker: Worker) -> RunResult:
    """Plans and runs tasks as a worker's settings say. Raises MartletError when the run cannot begin."""
    log = RunLog(_LOGGER, worker)
    settings = worker._config
    given: dict[str, Any] = {"workers": worker.worker_processes, "resources": _resources(worker)}
    if settings.force_multiprocessing:
        given["isolation"] = "fork"
    own: dict[str, Any] = {"task_limit": settings.task_limit, "around_cycles": True}
    if settings.retry_external_tasks:
        own["retry_external"] = True
    if settings.check_complete_on_run:
        own["check_outputs"] = True
    witness = _Witness(worker, log)
    context = settings.task_process_context
    around = TaskContext(context, worker).listening() if context else nullcontext()
    leaving = nullcontext() if settings.no_install_shutdown_handler else shutdown.on_request()
    with around, log.listening(), leaving, retries.given(_tries(worker)):
        result = session.run_for_luigi(roots, given, own, _Notes(), witness)
    log.ended(result)
    if witness.account is not None and (result.count("failed") or result.count("broken")):
        from . import failure_mail  # what goes well writes to nobody

        failure_mail.send(worker, witness.account, result)
    return result


def _tries(worker: Worker) -> dict[tuple[str, str], Any]:
    """What the worker and the scheduler were made with decides how failures are tried again."""
    told = {("worker", "keep_alive"): worker._config.keep_alive}
    scheduler = getattr(worker._scheduler, "_config", None)
    for name in ("retry_delay", "retry_count"):
        if hasattr(scheduler, name):
            told["scheduler", name] = getattr(scheduler, name)
    return told


def _resources(worker: Worker) -> dict[str, float]:
    """How much there is of each resource: what the scheduler was made with, else the section [resources]."""
    given = getattr(worker._scheduler, "_resources", None)
    return dict(given if given is not None else get_config().getintdict("resources"))

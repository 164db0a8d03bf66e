"""luigi.interface: running tasks from a script, with luigi's arguments."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .. import parameters as parameter
from ..steering import definitions
from . import lock, rpc, scheduler, worker
from .cmdline_parser import CmdlineParser
from .execution_summary import LuigiRunResult
from .task import Config


class _TemporaryFolder(parameter.Parameter):
    """Defaults to a folder where temporary files go, which is looked for when it is needed."""

    @property
    def _default(self) -> Any:
        from tempfile import gettempdir

        return os.path.join(gettempdir(), "luigi")

    @_default.setter
    def _default(self, value: Any) -> None:
        pass


class core(Config):
    """The section [core]: how tasks are run; flags of these names on luigi's command line."""

    use_cmdline_section = False
    ignore_unconsumed = frozenset({"autoload_range", "no_configure_logging"})

    local_scheduler = parameter.BoolParameter(
        default=False, description="Accepted; every run has its engine", always_in_help=True
    )
    scheduler_host = parameter.Parameter(
        default="localhost",
        description="Accepted; see --local-scheduler",
        config_path={"section": "core", "name": "default-scheduler-host"},
    )
    scheduler_port = parameter.IntParameter(
        default=8082,
        description="Accepted; see --local-scheduler",
        config_path={"section": "core", "name": "default-scheduler-port"},
    )
    scheduler_url = parameter.Parameter(
        default="",
        description="Accepted; see --local-scheduler",
        config_path={"section": "core", "name": "default-scheduler-url"},
    )
    lock_size = parameter.IntParameter(default=1, description="How many processes with one command line may run")
    no_lock = parameter.BoolParameter(default=False, description="Run beside others with this command line")
    lock_pid_dir = _TemporaryFolder(description="Directory for the files that count them")
    take_lock = parameter.BoolParameter(default=False, description="Ask others with this command line to end")
    workers = parameter.IntParameter(default=1, description="How many tasks run at a time")
    logging_conf_file = parameter.Parameter(default="", description="Configuration file for logging")
    log_level = parameter.ChoiceParameter(
        default="DEBUG",
        choices=["NOTSET", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
        description="What is logged when there is no logging_conf_file",
    )
    module = parameter.Parameter(default="", description="Module to import first, with the task", always_in_help=True)
    parallel_scheduling = parameter.BoolParameter(default=False, description="Accepted; planning is fast")
    parallel_scheduling_processes = parameter.IntParameter(default=0, description="Accepted; planning is fast")
    assistant = parameter.BoolParameter(default=False, description="Accepted; there is no central scheduler")
    help = parameter.BoolParameter(
        default=False, description="Show the most common flags and those of the task", always_in_help=True
    )
    help_all = parameter.BoolParameter(default=False, description="Show all flags", always_in_help=True)


class PidLockAlreadyTakenExit(SystemExit):
    """Another process with this command line is at work."""


class _WorkerSchedulerFactory:
    """Makes what a run goes through; scripts may give one of their own."""

    def create_local_scheduler(self) -> Any:
        return scheduler.Scheduler(prune_on_get_work=True, record_task_history=False)

    def create_remote_scheduler(self, url: str) -> Any:
        return rpc.RemoteScheduler(url)

    def create_worker(self, scheduler: Any, worker_processes: int, assistant: bool = False) -> Any:
        return worker.Worker(scheduler=scheduler, worker_processes=worker_processes, assistant=assistant)


def _schedule_and_run(
    tasks: Iterable[Any], worker_scheduler_factory: Any = None, override_defaults: Mapping[str, Any] | None = None
) -> LuigiRunResult:
    """Runs tasks with the settings of [core], those of `override_defaults` in front of them."""
    import logging  # slow to import, and only needed by runs
    import signal

    from .setup_logging import InterfaceLogging

    factory = _WorkerSchedulerFactory() if worker_scheduler_factory is None else worker_scheduler_factory
    settings = core(**(override_defaults or {}))
    InterfaceLogging.setup(settings)
    if not settings.no_lock:
        kill_signal = signal.SIGUSR1 if settings.take_lock else None
        if not lock.acquire_for(settings.lock_pid_dir, settings.lock_size, kill_signal):
            raise PidLockAlreadyTakenExit()
    if settings.local_scheduler:
        chosen = factory.create_local_scheduler()
    else:
        url = settings.scheduler_url or f"http://{settings.scheduler_host}:{settings.scheduler_port:d}/"
        chosen = factory.create_remote_scheduler(url=url)
    runner = factory.create_worker(
        scheduler=chosen, worker_processes=settings.workers, assistant=settings.assistant
    )
    logger = logging.getLogger("luigi-interface")
    success = True
    with runner:
        for task in tasks:
            added = runner.add(task, settings.parallel_scheduling, settings.parallel_scheduling_processes)
            success = success and added
        logger.info("Done scheduling tasks")
        ran = runner.run()
        success = success and ran
    result = LuigiRunResult(runner, success)
    if logger.isEnabledFor(logging.INFO):
        logger.info(result.summary_text)
    if hasattr(chosen, "close"):
        chosen.close()
    return result


def run(*args: Any, **kwargs: Any) -> Any:
    """Runs the task named by the command line (`sys.argv` if None), or `main_task_cls` with its arguments.

    Takes the arguments of `_run`. Returns whether all went well, or the result if `detailed_summary`.
    """
    result = _run(*args, **kwargs)
    return result if kwargs.get("detailed_summary") else result.scheduling_succeeded


def _run(
    cmdline_args: Sequence[str] | None = None,
    main_task_cls: Any = None,
    worker_scheduler_factory: Any = None,
    use_dynamic_argparse: Any = None,
    local_scheduler: bool = False,
    detailed_summary: bool = False,
) -> LuigiRunResult:
    if cmdline_args is not None and not isinstance(cmdline_args, (list, tuple)):
        raise TypeError(
            "cmdline_args must be a list or tuple of command-line arguments, "
            f"got {type(cmdline_args).__name__!r}. Example: ['MyTask', '--param', 'value']"
        )
    definitions.reach_run()
    if use_dynamic_argparse is not None:
        warnings.warn("use_dynamic_argparse is deprecated, don't set it.", DeprecationWarning, stacklevel=3)
    arguments = list(sys.argv[1:] if cmdline_args is None else cmdline_args)
    if main_task_cls:
        arguments.insert(0, main_task_cls.task_family)
    if local_scheduler:
        arguments.append("--local-scheduler")
    with CmdlineParser.global_instance(arguments) as command_line:
        result = _schedule_and_run([command_line.get_task_obj()], worker_scheduler_factory)
        if detailed_summary:
            result.read()
        return result


def build(
    tasks: Iterable[Any], worker_scheduler_factory: Any = None, detailed_summary: bool = False, **env_params: Any
) -> Any:
    """Runs tasks and what they require; `env_params` are settings of luigi's [core] such as workers.

    Unlike run() it runs beside other processes with the same command line unless `no_lock` is False. Returns whether
    all went well, or the result if `detailed_summary`.
    """
    definitions.reach_run()
    result = _schedule_and_run(tasks, worker_scheduler_factory, {"no_lock": True, **env_params})
    return result if detailed_summary else result.scheduling_succeeded


__all__ = ["PidLockAlreadyTakenExit", "build", "core", "run"]

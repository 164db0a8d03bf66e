"""luigi.interface: running tasks from a script, with luigi's arguments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def run(
    cmdline_args: list[str] | tuple[str, ...] | None = None,
    main_task_cls: Any = None,
    worker_scheduler_factory: Any = None,
    use_dynamic_argparse: Any = None,
    local_scheduler: bool = False,
    detailed_summary: bool = False,
) -> Any:
    """Runs the task named by the command line (`sys.argv` if None), or `main_task_cls` with its arguments.

    Returns whether all went well, or the result if `detailed_summary`.
    """
    if cmdline_args is not None and not isinstance(cmdline_args, (list, tuple)):
        raise TypeError(
            "cmdline_args must be a list or tuple of command-line arguments, "
            f"got {type(cmdline_args).__name__!r}. Example: ['MyTask', '--param', 'value']"
        )
    _refuse(worker_scheduler_factory)
    from ..steering.session import run_from_luigi  # only loaded by those who run something

    return run_from_luigi(cmdline_args, main_task_cls, local_scheduler, detailed_summary)


def build(
    tasks: Iterable[Any], worker_scheduler_factory: Any = None, detailed_summary: bool = False, **env_params: Any
) -> Any:
    """Runs tasks and what they require; `env_params` are settings of luigi's [core] such as workers.

    Returns whether all went well, or the result if `detailed_summary`.
    """
    _refuse(worker_scheduler_factory)
    from ..steering.session import build_from_luigi  # only loaded by those who run something

    return build_from_luigi(tasks, detailed_summary, env_params)


def _refuse(worker_scheduler_factory: Any) -> None:
    """A factory brings a scheduler and workers of its own, which the engine cannot be."""
    if worker_scheduler_factory is not None:
        raise NotImplementedError(
            "worker_scheduler_factory is not supported: Martlet's engine is the scheduler; "
            "leave it out, or set MARTLET_LUIGI=real to use an installed luigi"
        )


__all__ = ["build", "run"]

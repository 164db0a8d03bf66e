"""luigi.scheduler: Martlet's engine is the scheduler; this is its settings and the names scripts mention."""

# The names and defaults are luigi's.

from __future__ import annotations

from typing import Any

from .. import parameters as parameter
from .task import Config
from .task_status import BATCH_RUNNING, DISABLED, DONE, FAILED, PENDING, RUNNING, SUSPENDED, UNKNOWN

UPSTREAM_RUNNING = "UPSTREAM_RUNNING"
UPSTREAM_MISSING_INPUT = "UPSTREAM_MISSING_INPUT"
UPSTREAM_FAILED = "UPSTREAM_FAILED"
UPSTREAM_DISABLED = "UPSTREAM_DISABLED"


class scheduler(Config):
    """The section [scheduler]; `--scheduler-…` on luigi's command line."""

    retry_delay = parameter.FloatParameter(default=900.0)
    remove_delay = parameter.FloatParameter(default=600.0)
    worker_disconnect_delay = parameter.FloatParameter(default=60.0)
    state_path = parameter.Parameter(default="/var/lib/luigi-server/state.pickle")
    batch_emails = parameter.BoolParameter(default=False, description="Send e-mails together rather than one by one")
    disable_window = parameter.IntParameter(default=3600)
    retry_count = parameter.IntParameter(default=999999999)
    disable_hard_timeout = parameter.IntParameter(default=999999999)
    disable_persist = parameter.IntParameter(default=86400)
    max_shown_tasks = parameter.IntParameter(default=100000)
    max_graph_nodes = parameter.IntParameter(default=100000)
    record_task_history = parameter.BoolParameter(default=False)
    prune_on_get_work = parameter.BoolParameter(default=False)
    pause_enabled = parameter.BoolParameter(default=True)
    send_messages = parameter.BoolParameter(default=True)
    metrics_custom_import = parameter.OptionalStrParameter(default=None)
    stable_done_cooldown_secs = parameter.IntParameter(
        default=10, description="Seconds in which a task that is done is not run again"
    )


class Scheduler:
    """What a worker-scheduler factory makes and hands to its worker. The engine decides; this holds the settings."""

    def __init__(self, config: Any = None, resources: Any = None, task_history_impl: Any = None, **kwargs: Any) -> None:
        """`kwargs` are settings of [scheduler]; `resources`: how much there is of each, by name."""
        self._config = config or scheduler(**kwargs)
        self._resources = resources
        self._task_history = task_history_impl


__all__ = [
    "BATCH_RUNNING",
    "DISABLED",
    "DONE",
    "FAILED",
    "PENDING",
    "RUNNING",
    "SUSPENDED",
    "UNKNOWN",
    "UPSTREAM_DISABLED",
    "UPSTREAM_FAILED",
    "UPSTREAM_MISSING_INPUT",
    "UPSTREAM_RUNNING",
    "Scheduler",
    "scheduler",
]

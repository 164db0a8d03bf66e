"""What the planner needs to know of a task class, looked up once a class."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .. import time_limit
from ..command.task import is_command
from ..parameters.base import ParameterVisibility
from ..task import Task, WrapperTask, plain_completion
from . import job_options
from .outcome import Kind

if TYPE_CHECKING:
    from collections.abc import Collection

    from .columns import Terms
    from .completion import CompletionRules
    from .options import Options
    from .shares import Shares

WORKER, CHILD, BATCH, APART, FORK = range(5)
"""The same numbers as `Lane` in the engine."""


class Traits:
    """Properties that all tasks of a class share."""

    family: int
    """The family's number in this run."""
    plain: bool
    """complete() is Task's own: all outputs exist."""
    gathers: bool
    """Complete when all that it needs is."""
    whole: bool
    """Stands for all branches of a workflow: does nothing itself."""
    external: bool
    """Made elsewhere: has no run()."""
    sandbox: str | None
    isolation: str | None
    """`fork`: runs in a process of its own; `none`: does not; None: as the run says."""
    command: bool
    """Its work is a command, which the engine starts itself."""
    constant: bool
    """Resources and time limit are the same for every task of the class."""
    complete_by: str | None
    """What says whether its tasks are complete, see `martlet.running.completion`; None: the place of their outputs."""
    rerun_on: Collection[str]
    """Which changes make its tasks run again."""
    checksum: bool
    """Reports have checksums of what its tasks make."""
    trouble: ValueError | None
    """What is wrong with how that is said."""
    usual: bool
    """Its tasks are complete when all their outputs exist."""
    by_values: bool
    """Tasks with equal parameter values are one node; else those with equal task ids are."""
    priority: float | None
    """None: differs from task to task."""
    leaf: bool
    """Nothing of its says what it needs."""
    requires_alone: bool
    """What it needs is what its requires() says."""
    odd: bool
    """Made elsewhere, or to be asked whether it is disabled."""
    attributes: int
    """How many attributes an instance has that carries nothing but its parameters."""
    combines: bool
    """Some of its parameters have a batch_method: tasks of the class may run as one."""
    requirement: int | None
    """The engine's number for what such a task needs to start; None until known, or when it differs."""

    terms_of_all: Terms | None
    """What crosses the bridge for every plain instance; None until known, or when it differs."""

    @classmethod
    def of(cls, task: type[Task], family: int) -> Traits:
        """Looks at a class."""
        priority = getattr(task, "priority", 0)
        resources = getattr(task, "resources", {})
        external = task.run is None or task.run is NotImplemented
        by_values = all(p.significant and p.visibility == ParameterVisibility.PUBLIC for _, p in task.get_params())
        traits = cls()
        traits.family = family
        traits.plain = plain_completion(task)
        traits.gathers = gathers(task)
        traits.whole = is_whole(task)
        traits.external = external
        traits.sandbox = task.sandbox
        traits.isolation = task.isolation
        traits.command = is_command(task)
        traits.constant = (
            isinstance(resources, dict)
            and task.process_resources is Task.process_resources
            and time_limit.is_constant(task)
            and isinstance(task.retry_count, (type(None), int))
        )
        traits.by_values = by_values
        traits.priority = float(priority) if isinstance(priority, (int, float)) else None
        traits.leaf = task.requires is Task.requires and task._requires is Task._requires and task.deps is Task.deps
        traits.requires_alone = task._requires is Task._requires and task.deps is Task.deps
        traits.odd = external or task.disabled is not False
        # names, values; the id when it was asked for
        traits.complete_by, traits.rerun_on, traits.checksum, traits.trouble = "targets", (), False, None
        traits.usual = traits.plain and not traits.gathers
        traits.attributes = len(task.get_params()) + (2 if by_values else 3)
        traits.combines = bool(task.batch_param_names()) and not is_command(task)
        traits.requirement = None
        traits.terms_of_all = None
        return traits

    def follow(self, rules: CompletionRules, task: type[Task]) -> None:
        """Takes in what is said of the class for this run."""
        try:
            self.complete_by = rules.of(task)
            self.rerun_on = rules.rerun_on(task)
            self.checksum = rules.checksum(task)
        except ValueError as error:
            self.trouble = error
        self.usual = self.usual and self.complete_by == "targets" and self.trouble is None

    def priority_of(self, task: Task) -> float:
        """The priority of a task: an instance may have its own."""
        if self.priority is not None and "priority" not in task.__dict__:
            return self.priority
        return float(task.priority)

    def lane(self, options: Options, limit: float | None) -> int:
        """Where a task of this class runs that has this time limit."""
        if self.gathers or self.whole:
            return WORKER
        if options.batch is not None:
            return BATCH
        if self.command or self.sandbox is not None:
            return CHILD
        isolation = self.isolation or options.isolation
        if isolation not in ("fork", "none"):
            raise ValueError(f"isolation is {isolation!r}: there is 'fork', and 'none'")
        if isolation == "fork":
            return FORK
        # what runs in the driver cannot be ended
        return APART if limit is not None and options.runs_here else WORKER

    def terms(self, task: Task, options: Options, shares: Shares) -> str:
        """What the task needs to start and how its failures are treated, as the engine reads it.

        Raises MartletError for what its class says wrongly of its jobs, and whatever properties of the user's raise.
        """
        resources = {str(name): float(amount) for name, amount in task.process_resources().items()}
        limit = time_limit.of(task)
        share = shares.of(task, resources)
        lane = self.lane(options, limit)
        if lane == BATCH:
            job_options.of_class(type(task))  # before anything is submitted
        return json.dumps(
            {
                "lane": lane,
                "resources": resources,
                "retry": _retry_terms(task, options),
                "time_limit": limit,
                "share": share,
                "own_log": bool(task.own_log),
            }
        )


def _retry_terms(task: Task, options: Options) -> dict[str, Any]:
    terms: dict[str, Any] = (task.retry or task._usual_retry()).terms()
    if options.batch is not None and options.retries is not None:
        terms["retries"] = {**terms["retries"], str(int(Kind.WORKER_LOST)): options.retries}
    return terms


def is_whole(task: type[Task]) -> bool:
    """Whether tasks of this class stand for all branches of a workflow (`martlet.workflow`)."""
    return bool(getattr(task, "_is_whole", False))


def gathers(task: type[Task]) -> bool:
    """Whether a task of this class is complete exactly when all it needs is."""
    return issubclass(task, WrapperTask) and task.complete is WrapperTask.complete

"""luigi.task: the same task classes under luigi's rules of completeness."""

from __future__ import annotations

from typing import Any, ClassVar

from .. import task as native
from ..dynamic import DynamicRequirements
from ..external import externalize, wraps_class
from ..identity import (
    TASK_ID_INCLUDE_PARAMS,
    TASK_ID_TRUNCATE_HASH,
    TASK_ID_TRUNCATE_PARAMS,
    task_id_str,
)
from ..parameters.base import Parameter, ParameterVisibility, UnconsumedParameterWarning
from ..parameters.configured import configured
from ..register import Register, auto_namespace, namespace
from ..retry import Retry
from ..structure import flatten, flatten_output, getpaths
from ..task import BulkCompleteNotImplementedError
from . import retries

_task_wraps = wraps_class


class Task(native.Task):
    """A task as luigi has it: done when its outputs exist, whatever run() did; never, if it has none."""

    check_outputs: ClassVar[bool] = False
    done_by_running: ClassVar[bool] = False
    shared_output_fails: ClassVar[bool] = False
    confined: ClassVar[bool] = False
    plans_first: ClassVar[bool] = True
    retry: Any = None

    _logger: ClassVar[str] = "luigi-interface"

    @classmethod
    def _checks_requirements(cls) -> bool:
        """luigi's `check_unfulfilled_deps` in the section `[worker]`."""
        return str(configured("worker", "check_unfulfilled_deps")).lower() != "false"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # a class may name it for its readers, as luigi.contrib.hadoop does; every task has its own
        if "task_id" in cls.__dict__ and not hasattr(cls.__dict__["task_id"], "__get__"):
            del cls.task_id

    @classmethod
    def _usual_time_limit(cls) -> Any:
        """luigi's `timeout` in the section `[worker]`: seconds."""
        return configured("worker", "timeout")

    def _usual_retry(self) -> Retry:
        return retries.policy(self.retry_count)


class ExternalTask(Task, native.ExternalTask):
    """A task whose outputs are made elsewhere."""

    run: Any = None


class WrapperTask(Task, native.WrapperTask):
    """A task that makes nothing and is complete when all it requires is."""


class Config(Task, native.Config):
    """Settings: a class of parameters that is never run."""


class MixinNaiveBulkComplete:
    """Gives a task class a bulk_complete() that asks one task after another."""

    @classmethod
    def bulk_complete(cls: Any, parameter_tuples: Any) -> list[Any]:
        """Those of the parameters (one value, a sequence, or a dict for each task) whose tasks are complete."""
        complete = []
        for values in parameter_tuples:
            if isinstance(values, (list, tuple)):
                task = cls(*values)
            elif isinstance(values, dict):
                task = cls(**values)
            else:
                task = cls(values)
            if task.complete():
                complete.append(values)
        return complete


__all__ = [
    "TASK_ID_INCLUDE_PARAMS",
    "TASK_ID_TRUNCATE_HASH",
    "TASK_ID_TRUNCATE_PARAMS",
    "BulkCompleteNotImplementedError",
    "Config",
    "DynamicRequirements",
    "ExternalTask",
    "MixinNaiveBulkComplete",
    "Parameter",
    "ParameterVisibility",
    "Register",
    "Task",
    "UnconsumedParameterWarning",
    "WrapperTask",
    "auto_namespace",
    "externalize",
    "flatten",
    "flatten_output",
    "getpaths",
    "namespace",
    "task_id_str",
]

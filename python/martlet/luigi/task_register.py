"""luigi.task_register"""

from ..register import (
    Register,
    TaskClassAmbigiousException,
    TaskClassException,
    TaskClassNotFoundException,
    load_task,
)

__all__ = [
    "Register",
    "TaskClassAmbigiousException",
    "TaskClassException",
    "TaskClassNotFoundException",
    "load_task",
]

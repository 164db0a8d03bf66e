"""Parameters whose value is a task class."""

from __future__ import annotations

from typing import Any

from ..register import Register
from .base import Parameter


class TaskParameter(Parameter[Any]):
    """A task class, by its family on the command line."""

    @property
    def expected(self) -> str:
        return "the family of a task class"

    def parse(self, x: str) -> Any:
        return Register.get_task_cls(x)

    def serialize(self, x: Any) -> str:
        return x.get_task_family()  # type: ignore[no-any-return]

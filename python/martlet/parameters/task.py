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

    def normalize(self, x: Any) -> Any:
        """The class itself; a family's name is understood where texts are (AttributeError elsewhere, as in luigi)."""
        if not hasattr(x, "get_task_family"):
            raise AttributeError(f"{x!r:.80} is no task class: give the class itself, not its name")
        return x

    def serialize(self, x: Any) -> str:
        return x.get_task_family()  # type: ignore[no-any-return]

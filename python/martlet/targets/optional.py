"""Outputs that a task may make, and need not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .base import Target


class OptionalTarget(Target):
    """A target that no task waits for: as an output it counts as there, whether it is or not.

    All that the target can do, this can: `open`, `load`, `localize`, …. `is_present()` says whether it is really there.
    A task whose outputs are all optional is complete from the start.
    """

    def __init__(self, target: Any) -> None:
        self.target = target
        """What it stands for."""

    def exists(self) -> bool:
        """True: nothing lacks where it is not."""
        return True

    def is_present(self) -> bool:
        """Whether it is really there."""
        return bool(self.target.exists())

    def bulk_locations(self) -> Sequence[str] | None:
        """Nothing has to be looked at."""
        return ()

    def __getattr__(self, name: str) -> Any:
        if name == "target" or name.startswith("__"):
            raise AttributeError(name)  # being unpickled
        return getattr(self.target, name)

    def __truediv__(self, name: Any) -> Any:
        return self.target / name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OptionalTarget) and bool(self.target == other.target)

    def __hash__(self) -> int:
        return hash((OptionalTarget, self.target))

    def __str__(self) -> str:
        return str(self.target)

    def __repr__(self) -> str:
        return f"OptionalTarget({self.target!r})"

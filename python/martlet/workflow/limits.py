"""Parameters that say how many branches of a workflow may lack, and how many may fail."""

from __future__ import annotations

from typing import Any

from ..parameters import FloatParameter, OptionalFloatParameter


class AcceptanceParameter(FloatParameter):
    """How many must be there: a fraction up to 1, a whole number above 1, or all but a whole number, below 0."""

    @property
    def expected(self) -> str:
        return "a fraction up to 1, a whole number above 1, or one below 0 for all but so many"

    def parse(self, x: str) -> float:
        """Raises ValueError."""
        return self.normalize(float(x))

    def normalize(self, x: Any) -> float:
        """Raises ValueError for what is no such number."""
        value = float(x)
        if not (0 <= value <= 1 or value.is_integer()):
            raise ValueError(f"acceptance {x}: {self.expected} is expected")
        return value


class ToleranceParameter(OptionalFloatParameter):
    """How many may fail: a fraction below 1, a whole number from 1, or None for any number."""

    @property
    def expected(self) -> str:
        return "a fraction below 1, a whole number, or nothing"

    def parse(self, x: Any) -> Any:
        """Raises ValueError."""
        return self.normalize(super().parse(x))

    def normalize(self, x: Any) -> Any:
        """Raises ValueError for what is no such number."""
        if x is None:
            return None
        value = float(x)
        if value < 0 or not (value < 1 or value.is_integer()):
            raise ValueError(f"tolerance {x}: {self.expected} is expected")
        return value


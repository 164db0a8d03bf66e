"""Parameters whose value is a number."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from .base import NO_VALUE, Parameter, ParameterException

Number = TypeVar("Number", int, float)


class IntParameter(Parameter[int]):
    """An integer."""

    @property
    def expected(self) -> str:
        return "an integer"

    def parse(self, x: str) -> int:
        return int(x)

    def next_in_enumeration(self, value: int) -> int | None:
        return value + 1


class FloatParameter(Parameter[float]):
    """A number."""

    @property
    def expected(self) -> str:
        return "a number"

    def parse(self, x: str) -> float:
        return float(x)


class NumericalParameter(Parameter[Number], Generic[Number]):
    """A number within a range: `min_value left_op x right_op max_value`, by default min <= x < max.

    The range is checked for texts, not for values given to the constructor.
    """

    def __init__(
        self,
        default: Any = NO_VALUE,
        *,
        var_type: type[Number] | None = None,
        min_value: Number | None = None,
        max_value: Number | None = None,
        left_op: Callable[[Any, Any], Any] = operator.le,
        right_op: Callable[[Any, Any], Any] = operator.lt,
        **kwargs: Any,
    ) -> None:
        """
        :param var_type: int or float.
        :param left_op: `operator.le` if the minimum is allowed, `operator.lt` if not.
        :param right_op: `operator.le` if the maximum is allowed, `operator.lt` if not.
        """
        for name, value in (("var_type", var_type), ("min_value", min_value), ("max_value", max_value)):
            if value is None:
                raise ParameterException(f"{name} must be specified")
        self._var_type: Any = var_type
        self._min_value: Any = min_value
        self._max_value: Any = max_value
        self._left_op = left_op
        self._right_op = right_op
        left = "[" if left_op == operator.le else "("
        right = ")" if right_op == operator.lt else "]"
        self._permitted_range = f"{self._var_type.__name__} in {left}{min_value}, {max_value}{right}"
        super().__init__(default=default, **kwargs)
        self.description = f"{self.description + ' ' if self.description else ''}permitted values: " + (
            self._permitted_range
        )

    @property
    def expected(self) -> str:
        return f"a value of {self._permitted_range}"

    def parse(self, x: str) -> Number:
        value: Number = self._var_type(x)
        if self._left_op(self._min_value, value) and self._right_op(value, self._max_value):
            return value
        raise ValueError(f"{x} is not in the set of {self._permitted_range}")

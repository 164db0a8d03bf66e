"""Parameters that may be None, which is written as an empty text."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from .base import OptionalParameterTypeWarning, Parameter
from .boolean import BoolParameter
from .choice import ChoiceParameter
from .collection import DictParameter, ListParameter, TupleParameter
from .frozen import FrozenOrderedDict
from .number import FloatParameter, IntParameter, NumericalParameter
from .path import PathParameter

Value = TypeVar("Value")


class OptionalParameterMixin(Generic[Value]):
    """Put in front of a parameter class, makes it take None, its default, too.

    A value that is neither None nor of `expected_type` brings an OptionalParameterTypeWarning.
    """

    expected_type: Any = type(None)

    def __init__(self, default: Any = None, **kwargs: Any) -> None:
        super().__init__(default=default, **kwargs)  # type: ignore[call-arg]

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: Any) -> Parameter[Value | None]: ...

        @overload
        def __get__(self, instance: Any, owner: Any) -> Value | None: ...

        def __get__(self, instance: Any, owner: Any) -> Any: ...

        def __set__(self, instance: Any, value: Value | None) -> None: ...

    @property
    def expected(self) -> str:
        return f"{super().expected}, or nothing"  # type: ignore[misc]

    def serialize(self, x: Any) -> str:
        return "" if x is None else super().serialize(x)  # type: ignore[misc]

    def parse(self, x: Any) -> Any:
        if not isinstance(x, str):
            return x
        return super().parse(x) if x else None  # type: ignore[misc]

    def normalize(self, x: Any) -> Any:
        return None if x is None else super().normalize(x)  # type: ignore[misc]

    def _warn_on_wrong_param_type(self, param_name: str, param_value: Any) -> None:
        if param_value is None or isinstance(param_value, self.expected_type):
            return
        if isinstance(self.expected_type, tuple):
            names = ", ".join(f'"{kind.__name__}"' for kind in self.expected_type)
            wanted = f"any type in [{names}]"
        else:
            wanted = f'type "{self.expected_type.__name__}"'
        warnings.warn(  # noqa: B028 - see Parameter
            f'{type(self).__name__} "{param_name}" with value "{param_value}" is not of {wanted} or None.',
            OptionalParameterTypeWarning,
        )

    def next_in_enumeration(self, value: Any) -> Any:
        return None


class OptionalParameter(OptionalParameterMixin[str], Parameter[str]):  # type: ignore[misc]
    """A text or None."""

    expected_type = str


class OptionalStrParameter(OptionalParameterMixin[str], Parameter[str]):  # type: ignore[misc]
    """A text or None."""

    expected_type = str


class OptionalIntParameter(OptionalParameterMixin[int], IntParameter):  # type: ignore[misc]
    """An integer or None."""

    expected_type = int


class OptionalFloatParameter(OptionalParameterMixin[float], FloatParameter):  # type: ignore[misc]
    """A number or None."""

    expected_type = float


class OptionalBoolParameter(OptionalParameterMixin[bool], BoolParameter):  # type: ignore[misc]
    """True, False or None."""

    expected_type = bool


class OptionalDictParameter(OptionalParameterMixin[FrozenOrderedDict], DictParameter):  # type: ignore[misc]
    """A dict or None."""

    expected_type = FrozenOrderedDict


class OptionalListParameter(OptionalParameterMixin["tuple[Any, ...]"], ListParameter):  # type: ignore[misc]
    """A list or None."""

    expected_type = tuple


class OptionalTupleParameter(OptionalParameterMixin["tuple[Any, ...]"], TupleParameter):  # type: ignore[misc]
    """A tuple or None."""

    expected_type = tuple


class OptionalChoiceParameter(OptionalParameterMixin[Any], ChoiceParameter[Any]):
    """One of `choices` or None."""

    def __init__(self, default: Any = None, var_type: Any = str, choices: Any = None, **kwargs: Any) -> None:
        super().__init__(default=default, var_type=var_type, choices=choices, **kwargs)
        self.expected_type = var_type


class OptionalNumericalParameter(OptionalParameterMixin[Any], NumericalParameter[Any]):
    """A number within a range, or None."""

    def __init__(self, default: Any = None, **kwargs: Any) -> None:
        super().__init__(default=default, **kwargs)
        self.expected_type = self._var_type


class OptionalPathParameter(OptionalParameterMixin[Any], PathParameter):  # type: ignore[misc]
    """A path or None."""

    @property
    def expected_type(self) -> Any:
        from pathlib import Path

        return (str, Path)

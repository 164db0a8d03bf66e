"""Parameters whose value is one, or some, of a fixed set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, overload

from .base import NO_VALUE, Parameter, ParameterException

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    Choice = TypeVar("Choice", default=str)
else:
    from typing import TypeVar

    Choice = TypeVar("Choice")


class ChoiceParameter(Parameter[Choice], Generic[Choice]):
    """One of `choices`, all of them of type `var_type`."""

    def __init__(
        self,
        default: Any = NO_VALUE,
        *,
        choices: Iterable[Choice] | None = None,
        var_type: Any = str,
        **kwargs: Any,
    ) -> None:
        if choices is None:
            raise ParameterException("A choices iterable must be specified")
        self._ordered_choices = tuple(dict.fromkeys(choices))
        self._choices = set(self._ordered_choices)
        self._var_type = var_type
        if not all(type(choice) is var_type for choice in self._choices):
            raise AssertionError("Invalid type in choices")
        super().__init__(default=default, **kwargs)
        shown = "Choices: {" + ", ".join(map(str, self._ordered_choices)) + "}"
        self.description = f"{self.description} {shown}" if self.description else shown

    @property
    def expected(self) -> str:
        return "one of: " + ", ".join(map(str, self._ordered_choices))

    def parse(self, x: str) -> Choice:
        return self.normalize(self._var_type(x))

    def normalize(self, x: Choice) -> Choice:
        if x in self._choices:
            return x
        raise ValueError(f"{x} is not a valid choice from {self._choices}")


class ChoiceListParameter(ChoiceParameter[Choice], Generic[Choice]):
    """Any number of `choices`, in any order and as often as wanted; separated by commas on the command line."""

    _sep = ","

    if TYPE_CHECKING:

        @overload  # type: ignore[override]
        def __get__(self, instance: None, owner: Any) -> ChoiceListParameter[Choice]: ...

        @overload
        def __get__(self, instance: Any, owner: Any) -> tuple[Choice, ...]: ...

        def __get__(self, instance: Any, owner: Any) -> Any: ...

    def __init__(
        self,
        default: Any = NO_VALUE,
        var_type: Any = str,
        choices: Iterable[Choice] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(default=default, var_type=var_type, choices=choices, **kwargs)

    @property
    def expected(self) -> str:
        return "a comma-separated list of: " + ", ".join(map(str, self._ordered_choices))

    def parse(self, x: str) -> Any:
        return self.normalize(map(self._var_type, x.split(self._sep) if x else ()))

    def normalize(self, x: Any) -> Any:
        choose = super().normalize
        return tuple([choose(value) for value in x])

    def serialize(self, x: Any) -> str:
        return self._sep.join(map(str, x))

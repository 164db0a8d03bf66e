"""Values with named fields, as frozen dataclasses are: those would cost every start of Martlet 20 ms."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: object) -> Callable[[type], type]:
        return lambda cls: cls


_D = TypeVar("_D", bound="Data")


@dataclass_transform(frozen_default=True)
class Data:
    """Base of classes whose annotated names are their fields; a value in the class body is the field's default.

    Fields are given in order or by name and do not change. Two are equal when they are of one class and their fields
    are equal. A default is shared by all instances: nobody may change it.
    """

    _names: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls._names = tuple(cls.__annotations__)

    def __init__(self, *values: Any, **named: Any) -> None:
        cls = type(self)
        names = cls._names
        given = dict(zip(names, values))
        if len(values) > len(names) or not given.keys().isdisjoint(named) or not named.keys() <= set(names):
            raise TypeError(f"{cls.__name__} takes {', '.join(names)}, each once")
        given.update(named)
        if len(given) < len(names) and (absent := [n for n in names if n not in given and not hasattr(cls, n)]):
            raise TypeError(f"{cls.__name__} lacks {', '.join(absent)}")
        self.__dict__.update(given)

    def replaced(self: _D, **changes: Any) -> _D:
        """The same with other values of these fields."""
        return type(self)(**{**self.__dict__, **changes})

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} does not change: {name} was set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} does not change: {name} was deleted")

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in zip(self._names, self._values()))
        return f"{type(self).__name__}({shown})"

    def _values(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in self._names])

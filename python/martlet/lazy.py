"""Attributes that are computed when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Value = TypeVar("Value")


class Lazy(Generic[Value]):
    """An instance attribute computed at the first read and kept in the instance's `__dict__`.

    Reads after the first cost nothing; the attribute may be assigned and deleted. Without the lock that
    `functools.cached_property` takes in Python 3.10 and 3.11.
    """

    def __init__(self, compute: Callable[[Any], Value]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: Any) -> Lazy[Value]: ...

    @overload
    def __get__(self, instance: object, owner: Any) -> Value: ...

    def __get__(self, instance: object | None, owner: Any) -> Any:
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._compute(instance)
        return value

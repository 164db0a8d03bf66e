"""Attributes that are worked out whenever they are read, and that a subclass or an instance may have otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Value = TypeVar("Value")


class Derived(Generic[Value]):
    """Like a property, but that it may be assigned: classes written for luigi keep what they like in their targets."""

    def __init__(self, compute: Callable[[Any], Value]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    @overload
    def __get__(self, instance: None, owner: Any) -> Derived[Value]: ...

    @overload
    def __get__(self, instance: object, owner: Any) -> Value: ...

    def __get__(self, instance: object | None, owner: Any) -> Any:
        return self if instance is None else self._compute(instance)

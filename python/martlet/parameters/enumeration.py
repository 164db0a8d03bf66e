"""Parameters whose value is a member, or some members, of an Enum."""

from __future__ import annotations

from enum import Enum
from typing import Any, Generic, TypeVar

from .base import NO_VALUE, Parameter, ParameterException

Member = TypeVar("Member", bound=Enum)


def _checked(enum: type[Member] | None) -> type[Member]:
    if enum is None:
        raise ParameterException("An enum class must be specified.")
    return enum


class EnumParameter(Parameter[Member], Generic[Member]):
    """A member of `enum`, by its name on the command line."""

    def __init__(self, default: Any = NO_VALUE, *, enum: type[Member] | None = None, **kwargs: Any) -> None:
        self._enum = _checked(enum)
        super().__init__(default=default, **kwargs)

    @property
    def expected(self) -> str:
        return "one of: " + ", ".join(self._enum.__members__)

    def parse(self, x: str) -> Member:
        try:
            return self._enum[x]
        except KeyError:
            raise ValueError("Invalid enum value - could not be parsed") from None

    def serialize(self, x: Member) -> str:
        return x.name


class EnumListParameter(Parameter["tuple[Member, ...]"], Generic[Member]):
    """Any number of members of `enum`, in any order; names separated by commas on the command line."""

    _sep = ","

    def __init__(self, default: Any = NO_VALUE, *, enum: type[Member] | None = None, **kwargs: Any) -> None:
        self._enum = _checked(enum)
        super().__init__(default=default, **kwargs)

    @property
    def expected(self) -> str:
        return "a comma-separated list of: " + ", ".join(self._enum.__members__)

    def parse(self, x: str) -> tuple[Member, ...]:
        members = []
        for i, name in enumerate(x.split(self._sep) if x else ()):
            try:
                members.append(self._enum[name])
            except KeyError:
                raise ValueError(f'Invalid enum value "{name}" index {i} - could not be parsed') from None
        return tuple(members)

    def serialize(self, x: tuple[Member, ...]) -> str:
        return self._sep.join([member.name for member in x])

"""Where parameter values come from when the constructor was not given any, in front of the default.

Sources are asked in the order of their rank; steering puts the command line and the configuration files here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Any, NamedTuple

from ..register import forget_constructors

Lookup = Callable[[str, str], Any]
"""(family or section, parameter name) to the text of the value, or None. Typed files may give other than text."""


class Rank(IntEnum):
    """The order in which sources are asked."""

    COMMAND_LINE = 0
    ENVIRONMENT = 10
    CONFIGURATION = 20
    LUIGI_CONFIGURATION = 30


class Source(NamedTuple):
    """One place that knows values of parameters."""

    lookup: Lookup
    keys: Callable[[str], Iterable[tuple[str, Any]]] | None = None
    """All (name, value) of a section, if a name that no parameter consumes shall be warned of."""
    content: object = None
    """What its answers are made of, where that says it all: another source of an equal content changes nothing."""


_sources: dict[Rank, Source] = {}
_SILENT = Source(lambda family, name: None, content={})
"""What is as good as none."""


def set_source(rank: Rank, source: Source | None) -> None:
    """Puts a source at its rank, replacing the one there; None takes it away.

    Whoever changes what a source answers calls this again, or `forget_constructors`.
    """
    before = _sources.pop(rank, None) or _SILENT
    if source is not None:
        _sources[rank] = source
        for known in sorted(_sources):
            _sources[known] = _sources.pop(known)
    after = source or _SILENT
    if after.content is None or before.content != after.content:
        forget_constructors()


def configured(family: str, name: str) -> Any:
    """The configured value of a parameter as text, or None."""
    for source in _sources.values():
        value = source.lookup(family, name)
        if value is not None:
            return value
    return None


def told(family: str, name: str) -> Any:
    """What the command line or else the configuration says, or None: what a program that runs one task has to be told.

    Files of luigi's it reads itself.
    """
    for rank in (Rank.COMMAND_LINE, Rank.CONFIGURATION):
        value = _sources.get(rank, _SILENT).lookup(family, name)
        if value is not None:
            return value
    return None


def configured_keys(family: str) -> list[tuple[str, Any]]:
    """All (name, value) configured for a family by sources that want unknown names to be warned of."""
    return [item for source in _sources.values() if source.keys is not None for item in source.keys(family)]

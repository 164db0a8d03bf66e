"""The graphs: what there is to make and what each thing needs, the same for every peer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

Key = tuple[str, str, int]
"""A task of a graph: its stage, its systematic variation and its number."""


class Shape(Protocol):
    """A graph of a given size. Every shape is a tree: nothing is needed twice."""

    root: Key
    """What is asked for."""
    count: int
    """How many tasks there are, the root among them."""

    def __init__(self, size: int) -> None: ...

    def needs(self, stage: str, systematic: str, number: int) -> Sequence[Key]:
        """What one task needs."""

    def tasks(self) -> Iterator[Key]:
        """All tasks, each after what it needs."""


def waves(shape: Shape) -> list[list[Key]]:
    """The tasks in groups: each needs only tasks of the groups before its own."""
    level: dict[Key, int] = {}
    groups: list[list[Key]] = []
    for key in shape.tasks():
        own = level[key] = max((level[needed] + 1 for needed in shape.needs(*key)), default=0)
        if own == len(groups):
            groups.append([])
        groups[own].append(key)
    return groups

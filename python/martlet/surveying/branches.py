"""The tasks of one family that one task, or one set of tasks, needs: what a tree of 50,000 tasks is shown by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ..data import Data

if TYPE_CHECKING:
    from .survey import Survey
    from .view import View


class BranchSet(Data):
    """A line of a tree."""

    depth: int
    """0 for what was asked for."""
    family: str
    tasks: tuple[int, ...]
    """Places in `Survey.tasks`, in the order of discovery."""
    states: Mapping[str, int]
    """How many of them are in which state."""
    seen: bool
    """All of them, and what they need, stand further up."""


def tree(survey: Survey, view: View, most: int = 1) -> Iterator[BranchSet]:
    """The tree of branch sets below what was asked for, a set before what it needs.

    `most`: sets of up to so many tasks are told task by task.
    """
    shown: set[int] = set()
    stack = [(0, family, members) for family, members in reversed(_split(survey, survey.roots, most))]
    while stack:
        level, family, members = stack.pop()
        fresh = [index for index in members if index not in shown]
        yield BranchSet(
            level, family, tuple(members), Counter(survey.tasks[index].state for index in members), not fresh
        )
        shown.update(fresh)
        if fresh and level != view.depth and not view.ends_at(family):
            needed = dict.fromkeys(other for index in fresh for other in survey.tasks[index].needs)
            stack += [(level + 1, name, inside) for name, inside in reversed(_split(survey, list(needed), most))]


def _split(survey: Survey, indices: Sequence[int], most: int) -> list[tuple[str, list[int]]]:
    """By family; small sets task by task."""
    families: dict[str, list[int]] = {}
    for index in indices:
        families.setdefault(survey.tasks[index].family, []).append(index)
    sets: list[tuple[str, list[int]]] = []
    for family, members in families.items():
        sets += [(family, [one]) for one in members] if len(members) <= most else [(family, members)]
    return sets

"""Tasks put together so that they fit on a page: by family, as many of them one by one as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..data import Data
from . import states

if TYPE_CHECKING:
    from ..surveying import Survey

ROOM = 30
"""So many boxes are a page: families are taken apart into tasks as long as there are no more."""
_ABREAST = 6
"""So many boxes of a family stand side by side."""


_LONGEST = 2000
"""Letters of a name or a reason that a picture holds; graphviz takes no more than 16,384."""


class Member(Data):
    """A task."""

    title: str
    state: str
    """A name of `martlet.graph.states.LOOKS`."""
    reason: str


class Group(Data):
    """A box of the picture: a task, or tasks of a family that need the same."""

    title: str
    family: str
    members: tuple[Member, ...]
    chained: int
    """How many of its tasks need another of the group."""

    @property
    def counts(self) -> dict[str, int]:
        """How many of its tasks are in which state; those in which there are none are left out."""
        found = dict.fromkeys(states.LOOKS, 0)
        for member in self.members:
            found[member.state] += 1
        return {state: count for state, count in found.items() if count}


class Edge(Data):
    """Tasks of a group are needed by tasks of another."""

    needed: int
    needs: int
    """Positions of the groups."""
    count: int
    """How many requirements it stands for."""


def grouped(survey: Survey, room: int = ROOM) -> tuple[tuple[Group, ...], tuple[Edge, ...]]:
    """The groups of a survey, in the order of discovery, and what is between them."""
    keys = _keys(survey, room)
    positions: dict[object, int] = {}
    place = [positions.setdefault(key, len(positions)) for key in keys]
    members: list[list[Member]] = [[] for _ in positions]
    families = [""] * len(positions)
    chained = [0] * len(positions)
    edges: dict[tuple[int, int], int] = {}
    for task, own in zip(survey.tasks, place, strict=True):
        members[own].append(Member(shown(task.title), task.state, shown(task.why)))
        families[own] = shown(task.family)
        within = False
        for needed in task.needs:
            if place[needed] == own:
                within = True
            else:
                edges[place[needed], own] = edges.get((place[needed], own), 0) + 1
        chained[own] += within
    groups = tuple(
        Group(_title(families[i], members[i]), families[i], tuple(members[i]), chained[i]) for i in range(len(members))
    )
    return groups, tuple(Edge(needed, needs, count) for (needed, needs), count in edges.items())


def shown(text: str) -> str:
    """A text without what no form of a picture can hold, or what makes it look like another one: control characters,
    halves of characters, changes of direction."""
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def _title(family: str, members: Sequence[Member]) -> str:
    return members[0].title if len(members) == 1 else family


def _keys(survey: Survey, room: int) -> list[object]:
    """By task, what it has in common with those it shares a box with."""
    sizes: dict[str, int] = {}
    for task in survey.tasks:
        sizes[task.family] = sizes.get(task.family, 0) + 1
    links = dict.fromkeys(sizes, 0)
    for task in survey.tasks:
        links[task.family] += any(survey.tasks[needed].family == task.family for needed in task.needs)
    taken, boxes = set(), len(sizes)
    for family, size in sorted(sizes.items(), key=lambda item: item[1]):
        # those of a chain stand below each other
        if boxes + size - 1 <= room and size - links[family] <= _ABREAST:
            boxes += size - 1
            taken.add(family)
    sets = _branch_sets(survey)
    split: dict[str, set[object]] = {}
    for task, own in zip(survey.tasks, sets, strict=True):
        split.setdefault(task.family, set()).add(own)
    for family, several in sorted(split.items(), key=lambda item: len(item[1])):
        if family not in taken and boxes + len(several) - 1 <= room:
            boxes += len(several) - 1
        else:
            split[family] = set()
    return [
        task.index if task.family in taken else (task.family, own if split[task.family] else None)
        for task, own in zip(survey.tasks, sets, strict=True)
    ]


def _branch_sets(survey: Survey) -> list[object]:
    """By task, the set it is a branch of: tasks of a family that need tasks of the same families."""
    families = [task.family for task in survey.tasks]
    return [tuple(sorted({families[needed] for needed in task.needs})) for task in survey.tasks]

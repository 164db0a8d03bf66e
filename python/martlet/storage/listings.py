"""Which of many targets are there, from listings of their directories, many at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .errors import StorageError
from .values import FileStatus

Existence = bool | StorageError
"""Whether something is there; an error where that could not be found out, which is never the same as absent."""
Names = frozenset[str] | StorageError
"""What is directly inside a directory."""

_WORTHWHILE = 4
"""Fewer targets of a directory are asked for one by one: a listing may be long."""


def existence(status: FileStatus | StorageError) -> Existence:
    if isinstance(status, StorageError):
        return False if status.kind == "absent" else status
    return True


class Listings:
    """Answers `look` for a store whose directories can be listed.

    What was listed while a planning goes on is used again, absence too. Not for use by two threads at once.
    """

    def __init__(self, names: Callable[[list[str]], list[Names]], ask: Callable[[list[str]], list[Existence]]) -> None:
        """`names` lists directories, `ask` looks at targets one by one; each is given as many as there are."""
        self._names = names
        self._ask = ask
        self._planning: int | None = None
        self._known: dict[str, Names] = {}
        self._asked: dict[str, int] = {}

    def look(self, targets: Sequence[str], planning: int | None) -> list[Existence]:
        if planning is None or planning != self._planning:
            self._planning, self._known, self._asked = planning, {}, {}
        names_of = []
        groups: dict[str, list[int]] = {}
        for place, target in enumerate(targets):
            directory, _, name = target.rstrip("/").rpartition("/")
            names_of.append(name)
            members = groups.get(directory)
            if members is None:
                groups[directory] = [place]
            else:
                members.append(place)
        self._list(groups)
        answers: list[Existence] = [False] * len(targets)
        to_ask: list[int] = []
        for directory, members in groups.items():
            names = self._known.get(directory)
            if names is None:
                to_ask += members
            elif isinstance(names, StorageError):
                _settle(names, members, answers, to_ask)
            else:
                for place in members:
                    answers[place] = names_of[place] in names
                if planning is None:  # nothing is said to lack because a listing lags
                    to_ask += [place for place in members if answers[place] is False]
        for place, answer in zip(to_ask, self._ask([targets[place] for place in to_ask]) if to_ask else []):
            answers[place] = answer
        return answers

    def _list(self, groups: dict[str, list[int]]) -> None:
        """Lists those directories that are worth it, all at once."""
        wanted = []
        for directory, members in groups.items():
            self._asked[directory] = self._asked.get(directory, 0) + len(members)
            if directory not in self._known and self._asked[directory] >= _WORTHWHILE:
                wanted.append(directory)
        if wanted:
            self._known.update(zip(wanted, self._names(wanted)))


def _settle(error: StorageError, members: list[int], answers: list[Existence], to_ask: list[int]) -> None:
    """What a listing that failed says of the targets in that directory."""
    if error.kind == "absent":
        return  # nor is what would be in it
    if error.kind == "transient":
        for place in members:  # asking each would not reach the store either
            answers[place] = error
    else:
        to_ask += members  # a directory that may be entered, but not listed

"""Which branches a workflow has, and what each of them is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import index
from typing import Any


class BranchMap(Mapping[int, Any]):
    """The data of branches by their numbers, in the order of the numbers' mention. Not to be changed.

    Made from what `create_branch_map()` gives: a dict of numbers to data; a list or another sequence, whose places are
    the numbers (it is kept as it is: it may make its items when they are asked for); a number of branches, which are
    about nothing but their numbers; anything else that can be iterated, as a list of what it gives.
    """

    def __init__(self, given: Any) -> None:
        """Raises TypeError for anything else, ValueError for numbers that are none."""
        self._by_number: Mapping[int, Any] | None = None
        self._items: Sequence[Any] = ()
        if isinstance(given, bool) or given is None or isinstance(given, (str, bytes)):
            raise _unusable(given)
        if isinstance(given, (set, frozenset)):
            raise TypeError("create_branch_map() gave a set, whose order differs from process to process: sort it")
        if isinstance(given, Mapping):
            self._by_number = _checked(given)
        elif isinstance(given, Sequence):
            self._items = given
        elif isinstance(given, Iterable):
            self._items = list(given)
        elif hasattr(given, "__index__"):
            if given < 0:
                raise ValueError(f"create_branch_map() gave {given}: there are no fewer than 0 branches")
            self._items = range(index(given))
        else:
            raise _unusable(given)

    def __len__(self) -> int:
        return len(self._items) if self._by_number is None else len(self._by_number)

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self._items))) if self._by_number is None else iter(self._by_number)

    def __contains__(self, number: object) -> bool:
        if self._by_number is not None:
            return number in self._by_number
        return isinstance(number, int) and 0 <= number < len(self._items)

    def __getitem__(self, number: int) -> Any:
        if number not in self:
            raise KeyError(number)
        return self._items[number] if self._by_number is None else self._by_number[number]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} branches)"


def _unusable(given: Any) -> TypeError:
    return TypeError(f"create_branch_map() gave {given!r:.80}: a dict, a list or a number is expected")


def _checked(given: Mapping[Any, Any]) -> Mapping[int, Any]:
    plain = True
    for number in given:
        plain = plain and isinstance(number, int)
        if isinstance(number, bool) or not hasattr(number, "__index__") or number < 0:
            raise ValueError(f"create_branch_map() has a branch {number!r:.80}: branches are numbers from 0")
    return given if plain else {index(number): data for number, data in given.items()}

"""Answers of stores, of which an error may be one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from .errors import StorageError

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def each(items: Sequence[Item], one: Callable[[Item], Answer], parallel: int) -> list[Answer | StorageError]:
    """What `one` says of each item, in order, asked in so many threads; a StorageError it raises is what it says."""

    def attempt(item: Item) -> Answer | StorageError:
        try:
            return one(item)
        except StorageError as error:
            return error

    if parallel == 1 or len(items) < 2:
        return [attempt(item) for item in items]
    with ThreadPoolExecutor(min(parallel, len(items))) as pool:
        return list(pool.map(attempt, items))


def only(answers: Sequence[Answer | StorageError]) -> Answer:
    """The one answer there is; raises it where it is an error."""
    (answer,) = answers
    if isinstance(answer, StorageError):
        raise answer
    return answer

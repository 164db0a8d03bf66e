"""Trying again what a store may do another time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from .errors import StorageError

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Patience:
    """How often, and after how long, transient failures are tried again.

    Exponential back-off with full jitter: each pause is anything up to twice the most that the one before could be, so
    that many clients of a store that comes back do not come back together.
    """

    retries: int = 3
    """After the first try."""
    first: float = 0.5
    """Seconds that the first pause may have."""
    longest: float = 30.0
    """Seconds that any pause may have."""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Patience:
        """As a store's settings want it."""
        return cls(int(settings.get("retries", cls.retries)))

    def pauses(self) -> Iterator[float]:
        """Seconds to wait before each further try."""
        for number in range(self.retries):
            yield random.uniform(0, min(self.longest, self.first * 2**number))

    def ask(
        self,
        work: Callable[[list[Item]], Sequence[Answer | StorageError]],
        items: Sequence[Item],
        after_doubt: Callable[[Item, StorageError], Answer | StorageError] = lambda item, error: error,
    ) -> list[Answer | StorageError]:
        """The answers of `work` to all items; those whose answer was transient are given to it again.

        `after_doubt` says what an error means of an item that was given before: what failed then may have been done.
        """
        answers = list(work(list(items)))
        for pause in self.pauses():
            again = [place for place, answer in enumerate(answers) if is_transient(answer)]
            if not again:
                break
            time.sleep(pause)
            for place, answer in zip(again, work([items[place] for place in again])):
                if isinstance(answer, StorageError) and not is_transient(answer):
                    answer = after_doubt(items[place], answer)
                answers[place] = answer
        return answers

    def repeat(self, call: Callable[[], Answer]) -> Answer:
        """What `call` returns; it is called again when it raises a transient error, and its last error is raised."""
        for pause in self.pauses():
            try:
                return call()
            except StorageError as error:
                if not is_transient(error):
                    raise
            time.sleep(pause)
        return call()


def is_transient(answer: object) -> bool:
    return isinstance(answer, StorageError) and answer.kind == "transient"

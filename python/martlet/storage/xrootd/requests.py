"""Requests to XRootD servers, many under way at once."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Any

from ..errors import StorageError
from .status import check

Hear = Callable[[Any, Any, Any], None]
"""What XRootD's client calls, from a thread of its own, with status, response and hosts."""
Request = Callable[[Hear], Any]
"""Sends one request; gives the status of the sending, or raises StorageError if there is nothing to send."""

_UNDER_WAY = 512
"""Requests of one batch that servers have at a time: one after another, each would wait for the network."""


def all_at_once(requests: Sequence[Request]) -> list[tuple[Any, Any] | StorageError]:
    """Status and response of each, in order."""
    answers: list[tuple[Any, Any] | StorageError] = [(None, None)] * len(requests)
    room = threading.Semaphore(_UNDER_WAY)

    def settle(place: int, answer: tuple[Any, Any] | StorageError) -> None:
        answers[place] = answer
        room.release()

    def hears(place: int) -> Hear:
        return lambda status, response, hosts: settle(place, (status, response))

    for place, request in enumerate(requests):
        room.acquire()
        try:
            sent = request(hears(place))
        except StorageError as error:
            settle(place, error)
        else:
            if not sent.ok:
                settle(place, (sent, None))
    for _ in range(_UNDER_WAY):
        room.acquire()
    return answers


class Pipeline:
    """Requests about one file, a few under way at a time; answers come in the order in which they were asked for.

    Leave it with `drain`: a file must not go while requests about it are under way.
    """

    def __init__(self, subject: str, deep: int) -> None:
        self._subject = subject
        self._deep = deep
        self._waiting: deque[tuple[Any, SimpleQueue[tuple[Any, Any]]]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def has_room(self) -> bool:
        return len(self._waiting) < self._deep

    def send(self, what: Any, request: Request) -> None:
        """Asks; `what` is kept until the answer is there, and comes back with it."""
        answer: SimpleQueue[tuple[Any, Any]] = SimpleQueue()
        sent = request(lambda status, response, hosts: answer.put((status, response)))
        if not sent.ok:
            answer.put((sent, None))
        self._waiting.append((what, answer))

    def next(self) -> tuple[Any, Any]:
        """What was sent first, and its response; raises StorageError when it failed."""
        what, answer = self._waiting.popleft()
        status, response = answer.get()
        check(status, self._subject)
        return what, response

    def drain(self) -> None:
        while self._waiting:
            self._waiting.popleft()[1].get()

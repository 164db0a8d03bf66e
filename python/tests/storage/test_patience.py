"""Trying again: what is tried, how often, and what an answer means that comes late."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from martlet.storage import patience
from martlet.storage.errors import StorageError
from martlet.storage.patience import Patience

Answer = str | StorageError


def broken(subject: str) -> StorageError:
    return StorageError("transient", subject, "connection reset")


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, without making them."""
    made: list[float] = []
    monkeypatch.setattr(patience.time, "sleep", made.append)
    return made


def failing(times: int, error: Callable[[str], StorageError] = broken) -> Callable[[list[str]], list[Answer]]:
    """A store that fails so often about each item whose name begins with `b`; it tells what it was asked."""
    left: dict[str, int] = {}

    def work(items: list[str]) -> list[Answer]:
        asked.append(items)
        answers: list[Answer] = []
        for item in items:
            left[item] = left.get(item, times) - 1
            answers.append(error(item) if item.startswith("b") and left[item] >= 0 else item.upper())
        return answers

    asked: list[list[str]] = []
    work.asked = asked  # type: ignore[attr-defined]
    return work


def test_only_what_failed_is_asked_again(pauses: list[float]) -> None:
    work = failing(2)
    assert Patience().ask(work, ["a", "b1", "c", "b2"]) == ["A", "B1", "C", "B2"]
    assert work.asked == [["a", "b1", "c", "b2"], ["b1", "b2"], ["b1", "b2"]]  # type: ignore[attr-defined]
    assert len(pauses) == 2


def test_the_tries_are_bounded(pauses: list[float]) -> None:
    assert Patience(2).ask(failing(99), ["a", "b"]) == ["A", broken("b")]
    assert len(pauses) == 2


def test_without_retries_there_is_no_pause(pauses: list[float]) -> None:
    assert Patience(0).ask(failing(1), ["b"]) == [broken("b")]
    assert pauses == []


@pytest.mark.parametrize("kind", ["absent", "denied", "full", "corrupt", "unsupported"])
def test_what_another_try_cannot_mend_is_not_tried_again(pauses: list[float], kind: str) -> None:
    answers = Patience().ask(failing(1, lambda item: StorageError(kind, item)), ["b"])
    assert answers == [StorageError(kind, "b")]
    assert pauses == []


def test_a_late_error_means_what_the_caller_says() -> None:
    """A deletion whose answer was lost, and which is then said to have nothing to delete."""
    errors = iter([broken("b"), StorageError("absent", "b")])

    def work(items: list[str]) -> list[Answer]:
        return [next(errors) for _ in items]

    assert Patience().ask(work, ["b"], lambda item, error: f"{item} was {error.kind.value}") == ["b was absent"]


def test_a_first_error_means_what_it_says() -> None:
    def work(items: list[str]) -> list[Answer]:
        return [StorageError("absent", item) for item in items]

    assert Patience().ask(work, ["b"], lambda item, error: "never") == [StorageError("absent", "b")]


def test_pauses_grow_up_to_a_limit_and_differ() -> None:
    random.seed(1)
    most = [0.0] * 7
    for _ in range(2000):
        for number, pause in enumerate(Patience(7, first=0.5, longest=8).pauses()):
            assert 0 <= pause <= min(8, 0.5 * 2**number)
            most[number] = max(most[number], pause)
    # full jitter: the whole range is used
    assert all(seen > 0.9 * min(8, 0.5 * 2**number) for number, seen in enumerate(most))


def test_a_call_is_repeated_until_it_does_not_fail(pauses: list[float]) -> None:
    errors = [broken("x"), broken("x")]

    def call() -> str:
        if errors:
            raise errors.pop()
        return "done"

    assert Patience().repeat(call) == "done"
    assert len(pauses) == 2


def test_the_last_error_of_a_call_is_raised() -> None:
    def call() -> str:
        raise broken("x")

    with pytest.raises(StorageError, match="connection reset"):
        Patience().repeat(call)

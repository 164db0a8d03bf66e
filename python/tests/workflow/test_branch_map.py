from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from martlet.workflow.branch_map import BranchMap


class Squares(Sequence[int]):
    """Makes its items when they are asked for, and counts them."""

    asked = 0

    def __len__(self) -> int:
        return 10

    def __getitem__(self, place: Any) -> Any:
        self.asked += 1
        return place * place


class Number:
    """As numpy's integers are: numbers that are no int."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value

    def __lt__(self, other: int) -> bool:
        return self.value < other


@pytest.mark.parametrize(
    ("given", "data"),
    [
        ({3: "x", 1: "y"}, {3: "x", 1: "y"}),
        (["x", "y"], {0: "x", 1: "y"}),
        (3, {0: 0, 1: 1, 2: 2}),
        (0, {}),
        ((c for c in "ab"), {0: "a", 1: "b"}),
        (range(5, 7), {0: 5, 1: 6}),
        (Number(2), {0: 0, 1: 1}),
        ({Number(3): "x"}, {3: "x"}),
    ],
)
def test_what_can_be_given(given: Any, data: dict[int, Any]) -> None:
    made = BranchMap(given)
    assert dict(made) == data and len(made) == len(data) and list(made) == list(data)


def test_items_are_made_when_they_are_asked_for() -> None:
    squares = Squares()
    made = BranchMap(squares)
    assert len(made) == 10 and 9 in made and 10 not in made and -1 not in made
    assert squares.asked == 0
    assert made[3] == 9 and squares.asked == 1


@pytest.mark.parametrize("given", [None, "text", True, 1.5, object()])
def test_other_things_are_refused(given: Any) -> None:
    with pytest.raises(TypeError, match="a dict, a list or a number is expected"):
        BranchMap(given)


@pytest.mark.parametrize("given", [{"a": 1}, {-1: 1}, {True: 1}, -3])
def test_numbers_that_are_none_are_refused(given: Any) -> None:
    with pytest.raises(ValueError, match="branch"):
        BranchMap(given)


@pytest.mark.parametrize("given", [{"a", "b"}, frozenset([1, 2])])
def test_what_has_no_order_is_refused(given: Any) -> None:
    with pytest.raises(TypeError, match="a set, whose order differs from process to process: sort it"):
        BranchMap(given)


def test_there_is_nothing_beyond_the_end() -> None:
    with pytest.raises(KeyError):
        BranchMap([1])[-1]

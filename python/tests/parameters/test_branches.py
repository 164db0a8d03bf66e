from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.parameters.branches import BranchesParameter, selected

PARAMETER = BranchesParameter()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("0:3,7", [0, 1, 2, 7]),
        ("7,0:3", [0, 1, 2, 7]),
        (":2", [0, 1]),
        ("8:", [8, 9]),
        ("1, 1:2 ,1", [1]),
        ("", list(range(10))),
        (":", list(range(10))),
        ("3:5,4:", [3, 4, 5, 6, 7, 8, 9]),
    ],
)
def test_what_is_meant(text: str, numbers: list[int]) -> None:
    assert list(selected(PARAMETER.parse(text), range(10))) == numbers


@pytest.mark.parametrize("text", ["a", "1-3", "-1", "1:2:3", "1.5"])
def test_what_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither a number nor a range"):
        PARAMETER.parse(text)


@pytest.mark.parametrize("value", ["5:2", "1,3:3", range(4, 4), ((5, 2),)])
def test_an_empty_range_does_not_stand_for_everything(value: Any) -> None:
    with pytest.raises(ValueError, match="is an empty range"):
        PARAMETER.normalize(value)


@pytest.mark.parametrize("value", [5, range(2, 9), [1, 2, range(4, 6)], "1:3", ((1, None),)])
def test_values_of_constructors(value: Any) -> None:
    assert PARAMETER.parse(PARAMETER.serialize(PARAMETER.normalize(value))) == PARAMETER.normalize(value)


@given(st.lists(st.tuples(st.integers(0, 50), st.one_of(st.none(), st.integers(0, 60)))))
def test_the_text_means_what_the_value_does(spans: list[Any]) -> None:
    spans = [(start, stop) for start, stop in spans if stop is None or start < stop]
    value = PARAMETER.normalize(spans)
    assert PARAMETER.parse(PARAMETER.serialize(value)) == value
    inside = {n for start, stop in spans for n in range(start, 100 if stop is None else stop)}
    if value:
        assert set(selected(value, range(100))) == inside

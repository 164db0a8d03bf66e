from __future__ import annotations

import operator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.parameters import FloatParameter, IntParameter, NumericalParameter, ParameterException, ParameterValueError


@given(st.integers())
def test_integers_survive_their_text(n: int) -> None:
    assert IntParameter().parse(IntParameter().serialize(n)) == n


@given(st.floats(allow_nan=False))
def test_numbers_survive_their_text(x: float) -> None:
    assert FloatParameter().parse(FloatParameter().serialize(x)) == x


def test_malformed_text_names_parameter_value_and_expectation() -> None:
    with pytest.raises(ParameterValueError) as caught:
        IntParameter().from_text("ten", "n", "Selection")
    assert str(caught.value) == "Selection: parameter n cannot be 'ten': expected an integer"
    error = caught.value
    assert (error.parameter, error.value, error.expected) == ("n", "ten", "an integer")
    assert isinstance(error, ValueError)
    assert isinstance(error, ParameterException)
    with pytest.raises(ValueError, match="invalid literal"):
        IntParameter().parse("ten")


@pytest.mark.parametrize(
    ("left", "right", "inside", "outside", "shown"),
    [
        (operator.le, operator.lt, ["-3", "6"], ["7", "-4"], "int in [-3, 7)"),
        (operator.lt, operator.le, ["-2", "7"], ["-3", "8"], "int in (-3, 7]"),
    ],
)
def test_ranges(left: Any, right: Any, inside: list[str], outside: list[str], shown: str) -> None:
    parameter = NumericalParameter(var_type=int, min_value=-3, max_value=7, left_op=left, right_op=right)
    for text in inside:
        assert parameter.parse(text) == int(text)
    for text in outside:
        with pytest.raises(ValueError, match=f"{text} is not in the set of"):
            parameter.parse(text)
    assert parameter.description == f"permitted values: {shown}"
    assert shown in parameter.expected


def test_ranges_need_their_ends() -> None:
    with pytest.raises(ParameterException, match="max_value must be specified"):
        NumericalParameter(var_type=int, min_value=0)

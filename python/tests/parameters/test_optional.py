from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

import martlet
from martlet import parameters
from martlet.parameters import OptionalParameterTypeWarning

KINDS: list[tuple[Any, str, Any]] = [
    (parameters.OptionalParameter(), "x", "x"),
    (parameters.OptionalStrParameter(), "x", "x"),
    (parameters.OptionalIntParameter(), "1", 1),
    (parameters.OptionalFloatParameter(), "0.5", 0.5),
    (parameters.OptionalBoolParameter(), "true", True),
    (parameters.OptionalPathParameter(), "a/b", Path("a/b")),
    (parameters.OptionalDictParameter(), '{"a": 1}', {"a": 1}),
    (parameters.OptionalListParameter(), "[1, 2]", (1, 2)),
    (parameters.OptionalTupleParameter(), "[1, 2]", (1, 2)),
    (parameters.OptionalChoiceParameter(choices=["a", "b"]), "a", "a"),
    (parameters.OptionalNumericalParameter(var_type=int, min_value=0, max_value=9), "3", 3),
]


@pytest.mark.parametrize(("parameter", "text", "value"), KINDS, ids=lambda x: type(x).__name__)
def test_none_is_the_empty_text_and_the_default(parameter: Any, text: str, value: Any) -> None:
    assert parameter._default is None
    assert parameter.parse("") is None
    assert parameter.serialize(None) == ""
    assert parameter.normalize(None) is None
    assert parameter.normalize(parameter.parse(text)) == value
    assert parameter.expected.endswith(", or nothing")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parameter._warn_on_wrong_param_type("p", parameter.normalize(parameter.parse(text)))


def test_other_types_are_warned_of_when_the_task_is_made() -> None:
    class Maybe(martlet.Task):
        n = martlet.OptionalIntParameter()
        path = martlet.OptionalPathParameter()

    assert Maybe().n is None
    with pytest.warns(OptionalParameterTypeWarning) as warned:
        Maybe(n="1")
    assert str(warned[0].message) == 'OptionalIntParameter "n" with value "1" is not of type "int" or None.'
    assert Maybe(path="x").path == Path("x")

from __future__ import annotations

import inspect
from typing import Any

import pytest

import martlet
from martlet import parameters
from martlet.parameters.base import NO_VALUE, NoValue, Parameter, ParameterException, ParameterVisibility


def test_other_than_text_in_a_plain_parameter_is_warned_of_once_an_object() -> None:
    class Plain(martlet.Task):
        p = martlet.Parameter()

    with pytest.warns(UserWarning, match='Parameter "p" with value "1" is not of type string.') as warned:
        assert Plain(1) is Plain(1)
    assert len(warned) == 1


def test_data_descriptor() -> None:
    class Plain(martlet.Task):
        p = martlet.Parameter(default="x")

    assert inspect.isdatadescriptor(Plain.__dict__["p"])
    assert isinstance(Plain.p, Parameter)
    assert Plain().__dict__["p"] == "x"
    with pytest.raises(RuntimeError, match="name not set"):
        Parameter().__set__(Plain(), "y")


def test_settings() -> None:
    with pytest.warns(DeprecationWarning, match="is_global support is removed"):
        assert Parameter(is_global=True).positional is False
    with pytest.raises(ParameterException, match="config_path must be a hash"):
        Parameter(config_path={"section": "x"})
    odd: Any = 17
    assert Parameter(visibility=odd).visibility is ParameterVisibility.PUBLIC
    assert repr(NO_VALUE) == "<no_value>"
    assert NoValue() is NO_VALUE
    assert Parameter()._counter < Parameter()._counter


def test_every_name_is_exported_and_says_what_it_expects() -> None:
    for name in parameters.__all__:
        thing = getattr(parameters, name)
        assert thing.__name__ == name
    assert sorted(parameters.HOMES) == sorted(parameters.__all__)
    with pytest.raises(AttributeError, match="NoSuchParameter"):
        _ = parameters.NoSuchParameter
    for name in ("Parameter", "IntParameter", "DictParameter", "DateHourParameter", "OptionalIntParameter"):
        assert getattr(parameters, name)().expected

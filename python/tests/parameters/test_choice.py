from __future__ import annotations

import pytest

import martlet
from martlet.parameters import ChoiceListParameter, ChoiceParameter, ParameterException, ParameterValueError


def test_one_of_the_choices() -> None:
    parameter = ChoiceParameter(choices=["ttH", "ttJets"], description="sample")
    assert parameter.parse("ttH") == "ttH"
    assert parameter.expected == "one of: ttH, ttJets"
    assert parameter.description == "sample Choices: {ttH, ttJets}"
    with pytest.raises(ParameterValueError, match="cannot be 'tth': expected one of: ttH, ttJets"):
        parameter.from_text("tth", "dataset")


def test_typed_choices() -> None:
    assert ChoiceParameter(choices=[0.1, 0.2], var_type=float).parse("0.1") == 0.1
    with pytest.raises(AssertionError, match="Invalid type in choices"):
        ChoiceParameter(choices=[1, "2"], var_type=int)
    with pytest.raises(ParameterException, match="A choices iterable must be specified"):
        ChoiceParameter()


def test_values_given_in_code_are_checked_too() -> None:
    class Chosen(martlet.Task):
        shift = martlet.ChoiceParameter(choices=["up", "down"], default="up")

    assert Chosen().shift == "up"
    with pytest.raises(ValueError, match="left is not a valid choice from"):
        Chosen("left")


def test_lists_of_choices() -> None:
    parameter = ChoiceListParameter(choices=["a", "b"])
    assert parameter.parse("b,a,b") == ("b", "a", "b")
    assert parameter.parse("") == ()
    assert parameter.serialize(("b", "a")) == "b,a"
    with pytest.raises(ValueError, match="c is not a valid choice"):
        parameter.parse("a,c")

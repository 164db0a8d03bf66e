from __future__ import annotations

import enum

import pytest

from martlet.parameters import EnumListParameter, EnumParameter, ParameterException


class Era(enum.Enum):
    RUN2 = 2
    RUN3 = 3


def test_members_by_name() -> None:
    parameter = EnumParameter(enum=Era)
    assert parameter.parse("RUN3") is Era.RUN3
    assert parameter.serialize(Era.RUN3) == "RUN3"
    assert parameter.expected == "one of: RUN2, RUN3"
    with pytest.raises(ValueError, match="Invalid enum value - could not be parsed"):
        parameter.parse("RUN4")
    with pytest.raises(ParameterException, match="An enum class must be specified"):
        EnumParameter()


def test_lists_of_members() -> None:
    parameter = EnumListParameter(enum=Era)
    assert parameter.parse("RUN3,RUN2,RUN3") == (Era.RUN3, Era.RUN2, Era.RUN3)
    assert parameter.parse("") == ()
    assert parameter.serialize((Era.RUN2, Era.RUN3)) == "RUN2,RUN3"
    with pytest.raises(ValueError, match='Invalid enum value "RUN4" index 1'):
        parameter.parse("RUN2,RUN4")

"""Parameters: one kind a file, `base` for what they share. A file is imported when one of its names is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .base import (
        DuplicateParameterException,
        MissingParameterException,
        OptionalParameterTypeWarning,
        Parameter,
        ParameterException,
        ParameterValueError,
        ParameterVisibility,
        UnconsumedParameterWarning,
        UnknownParameterException,
    )
    from .boolean import BoolParameter
    from .branches import BranchesParameter
    from .choice import ChoiceListParameter, ChoiceParameter
    from .collection import DictParameter, ListParameter, TupleParameter
    from .date import DateIntervalParameter, DateParameter, MonthParameter, YearParameter
    from .duration import TimeDeltaParameter
    from .enumeration import EnumListParameter, EnumParameter
    from .frozen import FrozenOrderedDict
    from .moment import DateHourParameter, DateMinuteParameter, DateSecondParameter
    from .number import FloatParameter, IntParameter, NumericalParameter
    from .optional import (
        OptionalBoolParameter,
        OptionalChoiceParameter,
        OptionalDictParameter,
        OptionalFloatParameter,
        OptionalIntParameter,
        OptionalListParameter,
        OptionalNumericalParameter,
        OptionalParameter,
        OptionalParameterMixin,
        OptionalPathParameter,
        OptionalStrParameter,
        OptionalTupleParameter,
    )
    from .path import PathParameter
    from .task import TaskParameter
    from .text import StrParameter

_NAMES = {
    "base": (
        "DuplicateParameterException",
        "MissingParameterException",
        "OptionalParameterTypeWarning",
        "Parameter",
        "ParameterException",
        "ParameterValueError",
        "ParameterVisibility",
        "UnconsumedParameterWarning",
        "UnknownParameterException",
    ),
    "boolean": (
        "BoolParameter",
    ),
    "branches": (
        "BranchesParameter",
    ),
    "choice": (
        "ChoiceListParameter",
        "ChoiceParameter",
    ),
    "collection": (
        "DictParameter",
        "ListParameter",
        "TupleParameter",
    ),
    "date": (
        "DateIntervalParameter",
        "DateParameter",
        "MonthParameter",
        "YearParameter",
    ),
    "duration": (
        "TimeDeltaParameter",
    ),
    "enumeration": (
        "EnumListParameter",
        "EnumParameter",
    ),
    "frozen": (
        "FrozenOrderedDict",
    ),
    "moment": (
        "DateHourParameter",
        "DateMinuteParameter",
        "DateSecondParameter",
    ),
    "number": (
        "FloatParameter",
        "IntParameter",
        "NumericalParameter",
    ),
    "optional": (
        "OptionalBoolParameter",
        "OptionalChoiceParameter",
        "OptionalDictParameter",
        "OptionalFloatParameter",
        "OptionalIntParameter",
        "OptionalListParameter",
        "OptionalNumericalParameter",
        "OptionalParameter",
        "OptionalParameterMixin",
        "OptionalPathParameter",
        "OptionalStrParameter",
        "OptionalTupleParameter",
    ),
    "path": (
        "PathParameter",
    ),
    "task": (
        "TaskParameter",
    ),
    "text": (
        "StrParameter",
    ),
}
HOMES = {name: module for module, names in _NAMES.items() for name in names}
"""Every name of this package and the module it is in."""


def __getattr__(name: str) -> Any:
    home = HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = __import__(f"{__name__}.{home}", fromlist=[name])
    value = globals()[name] = getattr(module, name)
    return value


__all__ = [
    "BoolParameter",
    "BranchesParameter",
    "ChoiceListParameter",
    "ChoiceParameter",
    "DateHourParameter",
    "DateIntervalParameter",
    "DateMinuteParameter",
    "DateParameter",
    "DateSecondParameter",
    "DictParameter",
    "DuplicateParameterException",
    "EnumListParameter",
    "EnumParameter",
    "FloatParameter",
    "FrozenOrderedDict",
    "IntParameter",
    "ListParameter",
    "MissingParameterException",
    "MonthParameter",
    "NumericalParameter",
    "OptionalBoolParameter",
    "OptionalChoiceParameter",
    "OptionalDictParameter",
    "OptionalFloatParameter",
    "OptionalIntParameter",
    "OptionalListParameter",
    "OptionalNumericalParameter",
    "OptionalParameter",
    "OptionalParameterMixin",
    "OptionalParameterTypeWarning",
    "OptionalPathParameter",
    "OptionalStrParameter",
    "OptionalTupleParameter",
    "Parameter",
    "ParameterException",
    "ParameterValueError",
    "ParameterVisibility",
    "PathParameter",
    "StrParameter",
    "TaskParameter",
    "TimeDeltaParameter",
    "TupleParameter",
    "UnconsumedParameterWarning",
    "UnknownParameterException",
    "YearParameter",
]

"""Parameters: one kind a file, `base` for what they share."""

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

__all__ = [
    "BoolParameter",
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

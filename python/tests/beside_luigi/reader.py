"""Reads texts as values of parameters, under luigi or Martlet: a line of JSON in, a line of JSON out."""

import datetime
import enum
import json
import operator
import re
import sys
import warnings

import luigi


class Color(enum.Enum):
    red = 1
    blue = 2


class Some(luigi.Task):
    pass


START = datetime.datetime(2000, 1, 1)
PARAMETERS = {
    "Parameter": luigi.Parameter(),
    "StrParameter": luigi.StrParameter(),
    "IntParameter": luigi.IntParameter(),
    "FloatParameter": luigi.FloatParameter(),
    "BoolParameter": luigi.BoolParameter(),
    "NumericalParameter": luigi.NumericalParameter(var_type=float, min_value=-1, max_value=9, right_op=operator.le),
    "DateParameter": luigi.DateParameter(interval=3),
    "MonthParameter": luigi.MonthParameter(interval=5),
    "YearParameter": luigi.YearParameter(interval=2),
    "DateHourParameter": luigi.DateHourParameter(interval=7),
    "DateMinuteParameter": luigi.DateMinuteParameter(interval=13),
    "DateSecondParameter": luigi.DateSecondParameter(interval=11, start=START),
    "DateIntervalParameter": luigi.DateIntervalParameter(),
    "TimeDeltaParameter": luigi.TimeDeltaParameter(),
    "TaskParameter": luigi.TaskParameter(),
    "EnumParameter": luigi.EnumParameter(enum=Color),
    "EnumListParameter": luigi.EnumListParameter(enum=Color),
    "DictParameter": luigi.DictParameter(),
    "ListParameter": luigi.ListParameter(),
    "TupleParameter": luigi.TupleParameter(),
    "ChoiceParameter": luigi.ChoiceParameter(choices=[1, 2], var_type=int),
    "ChoiceListParameter": luigi.ChoiceListParameter(choices=["a", "b"]),
    "PathParameter": luigi.PathParameter(),
    "OptionalParameter": luigi.OptionalParameter(),
    "OptionalStrParameter": luigi.OptionalStrParameter(),
    "OptionalIntParameter": luigi.OptionalIntParameter(),
    "OptionalFloatParameter": luigi.OptionalFloatParameter(),
    "OptionalBoolParameter": luigi.OptionalBoolParameter(),
    "OptionalPathParameter": luigi.OptionalPathParameter(),
    "OptionalDictParameter": luigi.OptionalDictParameter(),
    "OptionalListParameter": luigi.OptionalListParameter(),
    "OptionalTupleParameter": luigi.OptionalTupleParameter(),
    "OptionalChoiceParameter": luigi.OptionalChoiceParameter(choices=["a", "b"]),
    "OptionalNumericalParameter": luigi.OptionalNumericalParameter(var_type=int, min_value=0, max_value=5),
}


def read(name, text):
    """The value, its text and the value of that, as far as they come about; or the error."""
    parameter, seen = PARAMETERS[name], []
    try:
        value = parameter.normalize(parameter.parse(text))
        seen.append(repr(value))
        written = parameter.serialize(value)
        seen.append(written)
        seen.append(repr(parameter.normalize(parameter.parse(written))))
    except Exception as error:
        told = re.sub(r" at 0x[0-9a-f]+", "", f"{type(error).__name__}: {error}")
        # which classes are proposed in its place: docs/migrate.md, candidates
        seen.append(re.sub(r"\. (Did you mean:\n|Candidates are: ).*", "", told, flags=re.DOTALL))
    return seen


warnings.simplefilter("ignore")
if __name__ == "__main__":
    print(json.dumps(sorted(PARAMETERS)), flush=True)
    for line in sys.stdin:
        print(json.dumps(read(*json.loads(line))), flush=True)

"""Parameters whose value is a length of time."""

from __future__ import annotations

import warnings
from datetime import timedelta
from typing import Any

from .base import Parameter, ParameterException

_UNITS = ("weeks", "days", "hours", "minutes", "seconds")


def _matched(pattern: str, text: str) -> timedelta | None:
    import re  # only needed for durations with units

    match = re.match(pattern, text)
    if match is None or not any(match.groups()):
        return None
    return timedelta(**{unit: int(number) for unit, number in match.groupdict(default="0").items()})


def _iso_field(unit: str) -> str:
    return rf"(?P<{unit}>\d+){unit[0].upper()}"


_TIME_OF_DAY = "".join(f"({_iso_field(unit)})?" for unit in _UNITS[2:])
_ISO = f"P({_iso_field('weeks')}|({_iso_field('days')})?(T{_TIME_OF_DAY})?)"
_WORDS = "".join(rf"((?P<{unit}>\d+) ?{unit[0]}({unit[1:-1]})?(s)? ?)?" for unit in _UNITS)


class TimeDeltaParameter(Parameter[timedelta]):
    """A duration: a number of seconds, `1 week 2 days 3 h` (longest unit first), or ISO 8601 (`P1DT2H`, `P3W`)."""

    @property
    def expected(self) -> str:
        return "a duration like 90 (seconds), 1 d 2 h or PT30M"

    def parse(self, x: str) -> timedelta:
        try:
            return timedelta(seconds=float(x))
        except ValueError:
            found = _matched(_ISO, x) or _matched(_WORDS, x)
        if found is None:
            raise ParameterException(f"Invalid time delta - could not parse {x}")
        return found

    def serialize(self, x: timedelta) -> str:
        minutes, seconds = divmod(x.seconds, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{x.days // 7} w {x.days % 7} d {hours} h {minutes} m {seconds} s"

    def _warn_on_wrong_param_type(self, param_name: str, param_value: Any) -> None:
        if self.__class__ is TimeDeltaParameter and not isinstance(param_value, timedelta):
            warnings.warn(
                f'Parameter "{param_name}" with value "{param_value}" is not of type timedelta.', stacklevel=2
            )

"""Parameters whose value is a date and time, clamped to every n-th hour, minute or second from a start."""

from __future__ import annotations

import datetime
import warnings
from typing import Any

from .base import NO_VALUE, NoValue, Parameter


class _DatetimeParameterBase(Parameter[datetime.datetime]):
    """A date and time in the format `date_format` (that of strftime), a multiple of `_timedelta`."""

    date_format: str = ""
    example: str = ""
    _timedelta = datetime.timedelta(0)

    def __init__(
        self,
        default: datetime.datetime | NoValue = NO_VALUE,
        interval: int = 1,
        start: datetime.datetime | None = None,
        **kwargs: Any,
    ) -> None:
        """
        :param interval: values are clamped down to every interval-th hour, minute or second …
        :param start: … counted from here, 1970-01-01 by default.
        """
        super().__init__(default=default, **kwargs)
        self.interval = interval
        self.start = start if start is not None else datetime.datetime(1970, 1, 1)

    @property
    def expected(self) -> str:
        return f"a date and time like {self.example}"

    def parse(self, x: str) -> datetime.datetime:
        return datetime.datetime.strptime(x, self.date_format)

    def serialize(self, x: datetime.datetime | None) -> str:
        return str(x) if x is None else x.strftime(self.date_format)

    def normalize(self, x: Any) -> Any:
        if x is None:
            return None
        if not isinstance(x, datetime.datetime):
            x = datetime.datetime.combine(x, datetime.time.min)
        x = x.replace(microsecond=0)
        step = (self._timedelta * self.interval).total_seconds()
        return x - datetime.timedelta(seconds=(x - self.start).total_seconds() % step)

    def next_in_enumeration(self, value: datetime.datetime) -> datetime.datetime | None:
        return value + self._timedelta * self.interval


class DateHourParameter(_DatetimeParameterBase):
    """An hour, written 2017-05-31T19."""

    date_format = "%Y-%m-%dT%H"
    example = "2017-05-31T19"
    _timedelta = datetime.timedelta(hours=1)


class DateMinuteParameter(_DatetimeParameterBase):
    """A minute, written 2017-05-31T1907. (The old form 2017-05-31T19H07 warns.)"""

    date_format = "%Y-%m-%dT%H%M"
    example = "2017-05-31T1907"
    deprecated_date_format = "%Y-%m-%dT%HH%M"
    _timedelta = datetime.timedelta(minutes=1)

    def parse(self, x: str) -> datetime.datetime:
        try:
            value = datetime.datetime.strptime(x, self.deprecated_date_format)
        except ValueError:
            return super().parse(x)
        warnings.warn(
            'Using "H" between hours and minutes is deprecated, omit it instead.', DeprecationWarning, stacklevel=2
        )
        return value


class DateSecondParameter(_DatetimeParameterBase):
    """A second, written 2017-05-31T190738."""

    date_format = "%Y-%m-%dT%H%M%S"
    example = "2017-05-31T190738"
    _timedelta = datetime.timedelta(seconds=1)

"""Parameters whose value is a date, clamped to every n-th day, month or year from a start."""

from __future__ import annotations

import datetime
from typing import Any

from .base import NO_VALUE, NoValue, Parameter
from .interval import KINDS, DateInterval, Month, Year


class _DateParameterBase(Parameter[datetime.date]):
    """A date in the format `date_format` (that of strftime)."""

    date_format: str = ""
    example: str = ""

    def __init__(
        self,
        default: datetime.date | NoValue = NO_VALUE,
        interval: int = 1,
        start: datetime.date | None = None,
        **kwargs: Any,
    ) -> None:
        """
        :param interval: values are clamped down to every interval-th day, month or year …
        :param start: … counted from here, 1970-01-01 by default.
        """
        super().__init__(default=default, **kwargs)
        self.interval = interval
        self.start = start if start is not None else datetime.date(1970, 1, 1)

    @property
    def expected(self) -> str:
        return f"a date like {self.example}"

    def parse(self, x: str) -> datetime.date:
        return datetime.datetime.strptime(x, self.date_format).date()

    def serialize(self, x: datetime.date | None) -> str:
        return str(x) if x is None else x.strftime(self.date_format)


class DateParameter(_DateParameterBase):
    """A day, written 2017-05-31."""

    date_format = "%Y-%m-%d"
    example = "2017-05-31"

    def next_in_enumeration(self, value: datetime.date) -> datetime.date | None:
        return value + datetime.timedelta(days=self.interval)

    def normalize(self, x: Any) -> Any:
        if x is None:
            return None
        if isinstance(x, datetime.datetime):
            x = x.date()
        return x - datetime.timedelta(days=(x - self.start).days % self.interval)


class MonthParameter(DateParameter):
    """A month, written 2017-05; its value is the first day. Takes any day of it, or a `Month`."""

    date_format = "%Y-%m"
    example = "2017-05"

    @staticmethod
    def _add_months(date: datetime.date, months: int) -> datetime.date:
        years, month = divmod(date.month - 1 + months, 12)
        return datetime.date(date.year + years, month + 1, 1)

    def next_in_enumeration(self, value: datetime.date) -> datetime.date | None:
        return self._add_months(value, self.interval)

    def normalize(self, x: Any) -> Any:
        if x is None:
            return None
        if isinstance(x, Month):
            x = x.date_a
        months = (x.year - self.start.year) * 12 + x.month - self.start.month
        return self._add_months(self.start, months - months % self.interval)


class YearParameter(DateParameter):
    """A year, written 2017; its value is the first day. Takes any day of it, or a `Year`."""

    date_format = "%Y"
    example = "2017"

    def next_in_enumeration(self, value: datetime.date) -> datetime.date | None:
        return value.replace(year=value.year + self.interval)

    def normalize(self, x: Any) -> Any:
        if x is None:
            return None
        if isinstance(x, Year):
            x = x.date_a
        return datetime.date(x.year - (x.year - self.start.year) % self.interval, 1, 1)


class DateIntervalParameter(Parameter[DateInterval]):
    """An interval of days: 2017, 2017-05, 2017-W22, 2017-05-31 or 2017-05-01-2017-05-31."""

    @property
    def expected(self) -> str:
        return "dates like 2017, 2017-05, 2017-W22, 2017-05-31 or 2017-05-01-2017-06-01"

    def parse(self, x: str) -> DateInterval:
        for kind in KINDS:
            interval = kind.parse(x)
            if interval is not None:
                return interval  # type: ignore[no-any-return]
        raise ValueError("Invalid date interval - could not be parsed")

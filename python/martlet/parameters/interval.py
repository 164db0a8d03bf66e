"""Intervals of whole days: a date, a week, a month, a year, or from one date to another."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

_DAY = datetime.timedelta(days=1)


def _numbers(text: str, *digits: int) -> list[int] | None:
    """The numbers of a text like 2017-05-31, if it has just these counts of digits."""
    parts = text.split("-")
    if [len(part) for part in parts] != list(digits) or not all(part.isascii() and part.isdigit() for part in parts):
        return None
    return [int(part) for part in parts]


class DateInterval:
    """The days from `date_a` up to, but not including, `date_b`.

    Intervals of one kind are ordered and compared by their dates; comparing different kinds is a TypeError.
    """

    def __init__(self, date_a: datetime.date, date_b: datetime.date) -> None:
        self.date_a = date_a
        self.date_b = date_b

    def dates(self) -> list[datetime.date]:
        """Every day."""
        return [self.date_a + n * _DAY for n in range((self.date_b - self.date_a).days)]

    def hours(self) -> Iterator[datetime.datetime]:
        """Every hour of every day."""
        for date in self.dates():
            for hour in range(24):
                yield datetime.datetime.combine(date, datetime.time(hour))

    def to_string(self) -> str:
        """The text that `parse` understands."""
        raise NotImplementedError

    @classmethod
    def from_date(cls, d: datetime.date) -> Any:
        """The interval of this kind that has day `d` in it."""
        raise NotImplementedError

    @classmethod
    def parse(cls, s: str) -> Any:
        """The interval of this kind with this text, or None if it is no such text."""
        raise NotImplementedError

    def prev(self) -> Any:
        """The interval of the same kind just before."""
        return self.from_date(self.date_a - _DAY)

    def next(self) -> Any:
        """The interval of the same kind just after."""
        return self.from_date(self.date_b)

    def __str__(self) -> str:
        return self.to_string()

    __repr__ = __str__

    def __contains__(self, date: object) -> bool:
        return date in self.dates()

    def __iter__(self) -> Iterator[datetime.date]:
        return iter(self.dates())

    def __hash__(self) -> int:
        return hash(repr(self))

    def _ends(self, other: Any) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        if not isinstance(self, type(other)):
            raise TypeError("Date interval type mismatch")
        return (self.date_a, self.date_b), (other.date_a, other.date_b)

    def __lt__(self, other: Any) -> bool:
        mine, theirs = self._ends(other)
        return mine < theirs

    def __le__(self, other: Any) -> bool:
        mine, theirs = self._ends(other)
        return mine <= theirs

    def __gt__(self, other: Any) -> bool:
        mine, theirs = self._ends(other)
        return mine > theirs

    def __ge__(self, other: Any) -> bool:
        mine, theirs = self._ends(other)
        return mine >= theirs

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DateInterval):
            return False
        mine, theirs = self._ends(other)
        return mine == theirs


class Date(DateInterval):
    """One day."""

    def __init__(self, y: int, m: int, d: int) -> None:
        date = datetime.date(y, m, d)
        super().__init__(date, date + _DAY)

    def to_string(self) -> str:
        return self.date_a.strftime("%Y-%m-%d")

    @classmethod
    def from_date(cls, d: datetime.date) -> Date:
        return Date(d.year, d.month, d.day)

    @classmethod
    def parse(cls, s: str) -> Date | None:
        numbers = _numbers(s, 4, 2, 2)
        return None if numbers is None else Date(*numbers)


class Week(DateInterval):
    """An ISO 8601 week, Monday to Sunday; week 1 is the one with the year's first Thursday."""

    def __init__(self, y: int, w: int) -> None:
        try:
            monday = datetime.date.fromisocalendar(y, w, 1)
        except ValueError:
            raise ValueError("Invalid week") from None
        super().__init__(monday, monday + 7 * _DAY)

    def to_string(self) -> str:
        year, week, _ = self.date_a.isocalendar()
        return f"{year}-W{week:02d}"

    @classmethod
    def from_date(cls, d: datetime.date) -> Week:
        return Week(*d.isocalendar()[:2])

    @classmethod
    def parse(cls, s: str) -> Week | None:
        numbers = _numbers(s.replace("-W", "-"), 4, 2) if "-W" in s else None
        return None if numbers is None else Week(*numbers)


class Month(DateInterval):
    """A month."""

    def __init__(self, y: int, m: int) -> None:
        super().__init__(datetime.date(y, m, 1), datetime.date(y + m // 12, 1 + m % 12, 1))

    def to_string(self) -> str:
        return self.date_a.strftime("%Y-%m")

    @classmethod
    def from_date(cls, d: datetime.date) -> Month:
        return Month(d.year, d.month)

    @classmethod
    def parse(cls, s: str) -> Month | None:
        numbers = _numbers(s, 4, 2)
        return None if numbers is None else Month(*numbers)


class Year(DateInterval):
    """A year."""

    def __init__(self, y: int) -> None:
        super().__init__(datetime.date(y, 1, 1), datetime.date(y + 1, 1, 1))

    def to_string(self) -> str:
        return self.date_a.strftime("%Y")

    @classmethod
    def from_date(cls, d: datetime.date) -> Year:
        return Year(d.year)

    @classmethod
    def parse(cls, s: str) -> Year | None:
        numbers = _numbers(s, 4)
        return None if numbers is None else Year(*numbers)


class Custom(DateInterval):
    """From one date up to, but not including, another; without neighbours."""

    def to_string(self) -> str:
        return f"{self.date_a:%Y-%m-%d}-{self.date_b:%Y-%m-%d}"

    @classmethod
    def parse(cls, s: str) -> Custom | None:
        numbers = _numbers(s, 4, 2, 2, 4, 2, 2)
        return None if numbers is None else Custom(datetime.date(*numbers[:3]), datetime.date(*numbers[3:]))


KINDS: tuple[type[DateInterval], ...] = (Year, Month, Week, Date, Custom)
"""All kinds, in the order in which a text is tried."""

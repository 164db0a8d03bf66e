from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import martlet
from martlet.parameters import (
    DateHourParameter,
    DateIntervalParameter,
    DateMinuteParameter,
    DateParameter,
    DateSecondParameter,
    MonthParameter,
    YearParameter,
)
from martlet.parameters.interval import Custom, Date, Month, Week, Year

DATES = st.dates(datetime.date(1000, 1, 1), datetime.date(9000, 1, 1))
DAY = datetime.date(2017, 5, 31)


@given(DATES, st.integers(1, 40))
def test_days_are_clamped_to_the_interval(date: datetime.date, interval: int) -> None:
    parameter = DateParameter(interval=interval)
    clamped = parameter.normalize(date)
    assert 0 <= (date - clamped).days < interval
    assert (clamped - parameter.start).days % interval == 0
    assert parameter.parse(parameter.serialize(clamped)) == clamped
    assert parameter.normalize(parameter.next_in_enumeration(clamped)) == parameter.next_in_enumeration(clamped)


@pytest.mark.parametrize(
    ("parameter", "value", "normal", "text", "following"),
    [
        (MonthParameter(), DAY, datetime.date(2017, 5, 1), "2017-05", datetime.date(2017, 6, 1)),
        (MonthParameter(), Month(2017, 12), datetime.date(2017, 12, 1), "2017-12", datetime.date(2018, 1, 1)),
        (MonthParameter(interval=3), DAY, datetime.date(2017, 4, 1), "2017-04", datetime.date(2017, 7, 1)),
        (YearParameter(), DAY, datetime.date(2017, 1, 1), "2017", datetime.date(2018, 1, 1)),
        (YearParameter(interval=4), Year(2017), datetime.date(2014, 1, 1), "2014", datetime.date(2018, 1, 1)),
        (DateParameter(), datetime.datetime(2017, 5, 31, 7), DAY, "2017-05-31", datetime.date(2017, 6, 1)),
        (DateHourParameter(), datetime.datetime(2017, 5, 31, 19, 7, 38), datetime.datetime(2017, 5, 31, 19),
         "2017-05-31T19", datetime.datetime(2017, 5, 31, 20)),
        (DateMinuteParameter(interval=5), datetime.datetime(2017, 5, 31, 19, 7), datetime.datetime(2017, 5, 31, 19, 5),
         "2017-05-31T1905", datetime.datetime(2017, 5, 31, 19, 10)),
        (DateSecondParameter(), DAY, datetime.datetime(2017, 5, 31), "2017-05-31T000000",
         datetime.datetime(2017, 5, 31, 0, 0, 1)),
    ],
)  # fmt: skip
def test_normal_form_text_and_successor(parameter: Any, value: Any, normal: Any, text: str, following: Any) -> None:
    assert parameter.normalize(value) == normal
    assert parameter.serialize(normal) == text
    assert parameter.parse(text) == normal
    assert parameter.next_in_enumeration(normal) == following
    assert parameter.normalize(None) is None


def test_the_old_form_of_minutes_warns() -> None:
    with pytest.warns(DeprecationWarning, match='Using "H"'):
        assert DateMinuteParameter().parse("2017-05-31T19H07") == datetime.datetime(2017, 5, 31, 19, 7)


def test_malformed_dates() -> None:
    with pytest.raises(ValueError, match="cannot be '31.5.2017': expected a date like 2017-05-31"):
        DateParameter().from_text("31.5.2017", "date")
    with pytest.raises(ValueError, match="expected dates like 2017, 2017-05"):
        DateIntervalParameter().from_text("May", "dates")


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("2017", Year(2017)),
        ("2017-05", Month(2017, 5)),
        ("2017-W22", Week(2017, 22)),
        ("2017-05-31", Date(2017, 5, 31)),
        ("2017-05-01-2017-05-31", Custom(datetime.date(2017, 5, 1), DAY)),
    ],
)
def test_intervals(text: str, interval: Any) -> None:
    parsed = DateIntervalParameter().parse(text)
    assert type(parsed) is type(interval)
    assert parsed == interval
    assert str(parsed) == text
    assert len(parsed.dates()) == (interval.date_b - interval.date_a).days
    assert len(list(parsed.hours())) == 24 * len(list(parsed))
    if type(interval) is not Custom:
        assert parsed.next().prev() == parsed
        assert parsed.prev() < parsed <= parsed


def test_intervals_of_different_kinds_cannot_be_compared() -> None:
    with pytest.raises(TypeError, match="type mismatch"):
        _ = Year(2017) < Month(2017, 1)
    assert Year(2017) != "2017"
    assert datetime.date(2017, 3, 1) in Year(2017)
    with pytest.raises(ValueError, match="Invalid week"):
        Week(2017, 60)


def test_tasks_normalise_dates() -> None:
    class Daily(martlet.Task):
        date = martlet.DateParameter()

    assert Daily(datetime.datetime(2017, 5, 31, 3)) is Daily(DAY)

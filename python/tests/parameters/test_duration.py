from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.parameters import ParameterException, TimeDeltaParameter


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90), ("1.5", 1.5), ("1 w 2 d", 9 * 86400), ("1 week 2 days", 9 * 86400), ("3h", 10800),
        ("P1DT2H", 93600), ("P3W", 21 * 86400), ("PT30M", 1800), ("0 d", 0),
    ],
)  # fmt: skip
def test_forms(text: str, seconds: float) -> None:
    assert TimeDeltaParameter().parse(text) == datetime.timedelta(seconds=seconds)


@given(st.integers(0, 10**9))
def test_whole_seconds_survive_their_text(seconds: int) -> None:
    duration = datetime.timedelta(seconds=seconds)
    assert TimeDeltaParameter().parse(TimeDeltaParameter().serialize(duration)) == duration


def test_malformed() -> None:
    with pytest.raises(ParameterException, match="Invalid time delta - could not parse soon"):
        TimeDeltaParameter().parse("soon")

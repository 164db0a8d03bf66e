from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

import martlet
from martlet import time_limit


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (90, 90.0), (0.5, 0.5), ("90s", 90.0), ("90", 90.0), ("2h", 7200.0), ("1h 30m", 5400.0), ("1h30min", 5400.0),
        ("1.5d", 129600.0), (timedelta(minutes=2), 120.0), (0, None), ("0s", None),
    ],
)  # fmt: skip
def test_lengths_of_time(given: Any, expected: float | None) -> None:
    assert time_limit.seconds(given) == expected


@pytest.mark.parametrize("given", ["", "two hours", "h", "5 weeks", -1, float("nan"), float("inf"), True, [1]])
def test_anything_else_is_refused(given: Any) -> None:
    with pytest.raises(ValueError, match="no time limit"):
        time_limit.seconds(given)


def test_the_first_that_is_given_counts() -> None:
    class Fit(martlet.Task):
        time_limit = "1m"
        worker_timeout = 30

    class Old(martlet.Task):
        worker_timeout = 30

    assert time_limit.of(Fit()) == 60 and time_limit.of(Old()) == 30 and time_limit.of(martlet.Task()) is None
    Fit().time_limit = 5
    assert time_limit.of(Fit()) == 5

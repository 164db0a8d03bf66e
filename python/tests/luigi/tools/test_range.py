from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import martlet
import martlet.luigi as luigi
from martlet.luigi.mock import MockFileSystem, MockTarget
from martlet.luigi.tools import listed_outputs
from martlet.luigi.tools import range as ranges
from martlet.parameters import ParameterException

NOW = 1_414_800_000  # 2014-11-01, midnight


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    MockFileSystem().clear()
    yield
    MockFileSystem().clear()


class Daily(luigi.Task):
    day = luigi.DateParameter()
    folder = luigi.Parameter(default="/tmp/nowhere")

    def output(self) -> luigi.LocalTarget:
        return luigi.LocalTarget(f"{self.folder}/{self.day:%Y/%m/%d}.txt")

    def run(self) -> None:
        with self.output().open("w") as file:
            file.write(str(self.day))


def days(task: Any) -> list[str]:
    return [str(required.day) for required in task.requires()]


def test_a_range_of_files_of_this_machine(tmp_path: Path) -> None:
    there = Daily(day=dt.date(2014, 10, 30), folder=str(tmp_path))
    there.run()
    task = ranges.RangeDaily(of=Daily, of_params={"folder": str(tmp_path)}, now=NOW, start=dt.date(2014, 10, 29))
    assert days(task) == ["2014-10-29", "2014-10-31"]
    assert not task.complete()
    assert martlet.build(task, state=tmp_path / "state", quiet=True)
    assert task.complete()
    again = ranges.RangeDaily(of=Daily, of_params={"folder": str(tmp_path)}, now=NOW + 1, start=dt.date(2014, 10, 29))
    assert days(again) == ["2014-11-01"]


def test_how_many_and_from_which_end() -> None:
    limits = {"of": Daily, "now": NOW, "start": dt.date(2014, 10, 20), "task_limit": 2}
    assert days(ranges.RangeDaily(**limits)) == ["2014-10-20", "2014-10-21"]
    assert days(ranges.RangeDaily(reverse=True, **limits)) == ["2014-10-31", "2014-10-30"]
    long_ago = {**limits, "start": dt.date(1999, 1, 1), "days_back": 3}
    assert days(ranges.RangeDaily(**long_ago)) == ["2014-10-29", "2014-10-30"]


@pytest.mark.parametrize(
    ("ends", "cause"),
    [
        ({}, "At least one of start and stop"),
        ({"stop": dt.date(2014, 1, 1)}, "reverse needs to be True"),
        ({"start": dt.date(2014, 1, 2), "stop": dt.date(2014, 1, 1)}, "start > stop"),
    ],
)
def test_ends_that_make_no_range(ends: dict[str, dt.date], cause: str) -> None:
    with pytest.raises(ParameterException, match=cause):
        ranges.RangeDaily(of=Daily, now=NOW, **ends).requires()


def test_what_it_tells_of_itself() -> None:
    told: dict[str, list[Any]] = {}
    for event in (ranges.RangeEvent.DELAY, ranges.RangeEvent.COMPLETE_COUNT, ranges.RangeEvent.COMPLETE_FRACTION):
        ranges.RangeDaily.event_handler(event)(lambda *args, event=event: told.setdefault(event, []).append(args))
    ranges.RangeDaily(of=Daily, now=NOW, start=dt.date(2014, 10, 29), stop=dt.date(2014, 10, 31)).requires()
    assert told == {
        ranges.RangeEvent.DELAY: [("Daily", 2)],
        ranges.RangeEvent.COMPLETE_COUNT: [("Daily", 0)],
        ranges.RangeEvent.COMPLETE_FRACTION: [("Daily", 0.0)],
    }


class Hourly(luigi.Task):
    hour = luigi.DateHourParameter()

    def output(self) -> list[MockTarget]:
        return [MockTarget(self.hour.strftime(f"{kind}/%Y-%m-%d/%H")) for kind in "ab"]


def test_tasks_with_outputs_in_memory_are_looked_at_in_listings(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def listdir(_: Any, pattern: str) -> list[str]:
        asked.append(pattern)
        return ["a/2014-10-31/22", "b/2014-10-31/22", "a/2014-10-31/23"]

    monkeypatch.setattr(MockFileSystem, "listdir", listdir)
    monkeypatch.setattr(MockFileSystem, "exists", lambda *_: True)
    task = ranges.RangeHourly(of=Hourly, now=NOW, start=dt.datetime(2014, 10, 31, 22))
    assert [str(required) for required in task.requires()] == ["Hourly(hour=2014-10-31T23)"]
    assert asked == ["a/2014-10-31", "b/2014-10-31"]


def test_tasks_that_know_better_are_asked() -> None:
    class Known(luigi.task.MixinNaiveBulkComplete, luigi.Task):
        day = luigi.DateParameter()
        n = luigi.IntParameter()

        def complete(self) -> bool:
            return self.day.day == self.n

    class Own(luigi.Task):
        day = luigi.DateParameter()

        def output(self) -> luigi.LocalTarget:
            return luigi.LocalTarget(f"/tmp/nowhere/{self.day:%Y%m%d}")

        def complete(self) -> bool:
            return self.day.day > 29

    start = dt.date(2014, 10, 29)
    assert days(ranges.RangeDaily(of=Known, of_params={"n": 30}, now=NOW, start=start)) == ["2014-10-29", "2014-10-31"]
    assert days(ranges.RangeDaily(of=Own, now=NOW, start=start)) == ["2014-10-29"]


def test_tasks_whose_paths_do_not_tell_are_asked_one_by_one() -> None:
    class Numbered(luigi.Task):
        day = luigi.DateParameter()

        def output(self) -> luigi.LocalTarget:
            return luigi.LocalTarget(f"/tmp/nowhere/{self.day.toordinal()}")

    class Nothing(luigi.Task):
        day = luigi.DateParameter()

    start = dt.date(2014, 10, 30)
    assert days(ranges.RangeDaily(of=Numbered, now=NOW, start=start)) == ["2014-10-30", "2014-10-31"]
    with pytest.warns(UserWarning, match="without outputs"):
        assert days(ranges.RangeDaily(of=Nothing, now=NOW, start=start)) == ["2014-10-30", "2014-10-31"]


def test_months() -> None:
    class Monthly(luigi.Task):
        month = luigi.MonthParameter()

        def complete(self) -> bool:
            return False

    task = ranges.RangeMonthly(of=Monthly, now=NOW, start=dt.date(2013, 12, 1), months_forward=2, months_back=10)
    assert [f"{required.month:%Y-%m}" for required in task.requires()] == [
        *(f"2014-{month:02d}" for month in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)),
    ]


minutes = st.datetimes(dt.datetime(2014, 10, 30), dt.datetime(2014, 11, 1))


@given(minutes, st.integers(0, 3000), st.sampled_from([1, 5, 12, 30]))
def test_dates_are_the_multiples_within_the_range(start: dt.datetime, length: int, interval: int) -> None:
    stop = start + dt.timedelta(minutes=length)

    def all_of(step: dt.timedelta) -> list[dt.datetime]:
        first = dt.datetime(2014, 10, 29)
        return [when for n in range(10_000) if start <= (when := first + n * step) < stop]

    every = dt.timedelta(minutes=interval)
    task: Any = ranges.RangeByMinutes(of=Daily, minutes_interval=interval)
    assert task.finite_datetimes(start, stop) == all_of(every)
    task = ranges.RangeHourly(of=Daily)
    assert task.finite_datetimes(start, stop) == all_of(dt.timedelta(hours=1))
    task = ranges.RangeDaily(of=Daily)
    assert task.finite_datetimes(start, stop) == all_of(dt.timedelta(days=1))


@given(st.lists(st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2040, 1, 1)), min_size=1), st.integers(1, 20))
def test_patterns_cover_all_paths_and_are_few(dates: list[dt.datetime], limit: int) -> None:
    paths = [date.strftime("x/%Y/%m-%d/%H") for date in dates]
    glob = "x/dddd/dd-dd/dd".replace("d", "[0-9]")
    patterns = listed_outputs.constrain_glob(glob, paths, limit)
    assert len(patterns) <= limit
    assert all(any(fnmatchcase(path, pattern) for pattern in patterns) for path in paths)


def test_older_subclasses_get_the_class_too() -> None:
    class Older(ranges.RangeDailyBase):
        def missing_datetimes(self, task_cls: Any, finite: Any) -> Any:  # type: ignore[override]
            assert task_cls is Daily
            return finite[:1]

    with pytest.warns(UserWarning, match="datetimes alone"):
        assert days(Older(of=Daily, now=NOW, start=dt.date(2014, 10, 30))) == ["2014-10-30"]

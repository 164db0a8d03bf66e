"""luigi.tools.range: tasks that recur, e.g. once a day, required for a whole range of dates.

`RangeDaily --of Selection --start 2026-01-01` completes Selection for every day since. A gap that cannot be filled is
required again in every run; see `task_limit` and `reverse`.
"""

# The names are luigi's.

from __future__ import annotations

import functools
import logging
import time
import warnings
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, timezone
from inspect import signature
from typing import Any, ClassVar

from ... import task as native
from ...parameters import (
    BoolParameter,
    DateHourParameter,
    DateMinuteParameter,
    DateParameter,
    DictParameter,
    IntParameter,
    MonthParameter,
    OptionalParameter,
    Parameter,
    ParameterException,
    TaskParameter,
)
from ...register import Register
from ..event import Event
from ..task import WrapperTask
from .listed_outputs import constrain_glob as _constrain_glob
from .listed_outputs import filesystems_and_globs as _get_filesystems_and_globs
from .listed_outputs import missing as infer_bulk_complete_from_fs

_logger = logging.getLogger("luigi-interface")
_OPEN: Any = None
"""The default of ends of ranges."""


class RangeEvent(Event):
    """What ranges tell of themselves when their requirements are found: (family of the recurring task, number)."""

    COMPLETE_COUNT = "event.tools.range.complete.count"
    """How many of its tasks are complete."""
    COMPLETE_FRACTION = "event.tools.range.complete.fraction"
    """How many of those that should be."""
    DELAY = "event.tools.range.delay"
    """How many tasks it is from the first that is missing to the end of the range."""


def _description(end: str, unit: str) -> str:
    return {
        "start": f"first {unit} of the range; default: as far back as the range reaches (needs reverse)",
        "stop": f"{unit} the range ends before; default: as far ahead as the range reaches",
        "back": f"how many {unit}s before now the range may begin; no more than outputs are kept",
        "forward": f"how many {unit}s after now the range may end",
    }[end]


class _NameParameter(OptionalParameter):
    """None is written as luigi writes it, which is part of the ids of its ranges."""

    def parse(self, x: str) -> Any:
        return None if x == "None" else super().parse(x)

    def serialize(self, x: Any) -> str:
        return str(x)


class RangeBase(WrapperTask):
    """The tasks of a range of dates that are not complete, `task_limit` of them.

    Subclasses say which dates there are. Dates are datetime objects, in UTC; `of` takes them as its own parameter has
    them.
    """

    of: Any = TaskParameter(description="the recurring task; its first positional parameter is the date")
    of_params = DictParameter(default={}, description="other parameters of that task")
    start: Any = Parameter()
    stop: Any = Parameter()
    reverse = BoolParameter(default=False, description="the newest missing tasks first, not the oldest")
    task_limit = IntParameter(default=50, description="how many tasks are required at most")
    now: Any = IntParameter(default=_OPEN, description="the time instead of the present one, in seconds since 1970")
    param_name = _NameParameter(
        default=None, description="name of the recurring task's date; default: its first", positional=False
    )

    @property
    def of_cls(self) -> Any:
        """The class of the recurring task; `of` may have been given as text."""
        if isinstance(self.of, str):
            warnings.warn('When using Range programatically, dont pass "of" param as string!', stacklevel=2)
            return Register.get_task_cls(self.of)
        return self.of

    # What subclasses say

    def datetime_to_parameter(self, dt: datetime) -> Any:
        """The value of the date parameter at a date."""
        raise NotImplementedError

    def parameter_to_datetime(self, p: Any) -> datetime:
        """The date of a value."""
        raise NotImplementedError

    def moving_start(self, now: datetime) -> datetime:
        """Before it nothing is required."""
        raise NotImplementedError

    def moving_stop(self, now: datetime) -> datetime:
        """From it on nothing is required."""
        raise NotImplementedError

    def finite_datetimes(self, finite_start: datetime, finite_stop: datetime) -> list[datetime]:
        """All dates from the one up to, but not including, the other, in order."""
        raise NotImplementedError

    def missing_datetimes(self, finite_datetimes: list[datetime]) -> Iterable[datetime]:
        """Those dates at which the task is not complete. Asks one after another; subclasses may know better."""
        return [dt for dt in finite_datetimes if not self._task_at(dt).complete()]

    def datetime_to_parameters(self, dt: datetime) -> dict[str, Any]:
        """The parameters of the recurring task at a date."""
        return self._task_parameters(self.datetime_to_parameter(dt))

    def parameters_to_datetime(self, p: dict[str, Any]) -> datetime:
        """The date in the parameters of the recurring task."""
        return self.parameter_to_datetime(p[self._param_name])

    def _format_datetime(self, dt: datetime) -> str:
        return str(self.datetime_to_parameter(dt))

    # What follows from it

    @property
    def _param_name(self) -> str:
        if self.param_name is not None:
            return str(self.param_name)
        names: list[str] = [name for name, parameter in self.of_cls.get_params() if parameter.positional]
        return names[0]

    def _task_parameters(self, param: Any) -> dict[str, Any]:
        return {**self.of_params, self._param_name: param}

    def _instantiate_task_cls(self, param: Any) -> Any:
        return self.of_cls(**self._task_parameters(param))

    def _task_at(self, dt: datetime) -> Any:
        return self._instantiate_task_cls(self.datetime_to_parameter(dt))

    def _format_range(self, datetimes: Sequence[datetime]) -> str:
        return f"[{self._format_datetime(datetimes[0])}, {self._format_datetime(datetimes[-1])}]"

    def _emit_metrics(self, missing: list[datetime], finite_start: datetime, finite_stop: datetime) -> None:
        """Of the range as it was asked for, where it was, and of the part that is looked at elsewhere."""
        first = finite_start if self.start is None else min(finite_start, self.parameter_to_datetime(self.start))
        last = finite_stop if self.stop is None else max(finite_stop, self.parameter_to_datetime(self.stop))
        datetimes = self.finite_datetimes(first, last)
        total = len(datetimes)
        complete = total - len(missing)
        delay = total - datetimes.index(missing[0]) if datetimes and missing else 0
        family = self.of_cls.task_family
        self.trigger_event(RangeEvent.DELAY, family, delay)
        self.trigger_event(RangeEvent.COMPLETE_COUNT, family, complete)
        self.trigger_event(RangeEvent.COMPLETE_FRACTION, family, complete / total if total else 1)

    def requires(self) -> list[Any]:
        """The tasks; found once."""
        required: list[Any] | None = self.__dict__.get("_cached_requires")
        if required is None:
            required = self._cached_requires = [self._task_at(dt) for dt in self._required_datetimes()]
        return required

    def _required_datetimes(self) -> list[datetime]:
        self._check_ends()
        seconds = time.time() if self.now is None else self.now
        now = datetime.fromtimestamp(seconds, tz=timezone.utc).replace(tzinfo=None)
        start, stop = self.moving_start(now), self.moving_stop(now)
        if self.start is not None:
            start = max(start, self.parameter_to_datetime(self.start))
        if self.stop is not None:
            stop = min(stop, self.parameter_to_datetime(self.stop))
        datetimes = self.finite_datetimes(start, stop) if start <= stop else []
        missing = sorted(self._missing_datetimes(datetimes)) if datetimes else []
        if datetimes:
            shown, family = self._format_range(datetimes), self.of_cls.task_family
            _logger.debug("Range %s lacked %d of expected %d %s instances", shown, len(missing), len(datetimes), family)
        self._emit_metrics(missing, start, stop)
        if self.reverse:
            return missing[: -self.task_limit - 1 : -1]
        return missing[: self.task_limit]

    def _check_ends(self) -> None:
        if not self.start and not self.stop:
            raise ParameterException("At least one of start and stop needs to be specified")
        if not self.start and not self.reverse:
            raise ParameterException("Either start needs to be specified or reverse needs to be True")
        if self.start and self.stop and self.start > self.stop:
            raise ParameterException("Can't have start > stop")

    def _missing_datetimes(self, finite_datetimes: list[datetime]) -> Iterable[datetime]:
        """missing_datetimes(), which took the class of the recurring task too in older versions of luigi."""
        ask: Any = self.missing_datetimes
        if len(signature(ask).parameters) < 2:
            answer: Iterable[datetime] = ask(finite_datetimes)
            return answer
        warnings.warn(f"{type(self).__name__}.missing_datetimes() should take the datetimes alone", stacklevel=2)
        answer = ask(self.of_cls, finite_datetimes)
        return answer


class _Bulk(RangeBase):
    """A range that finds what is missing with bulk_complete() of the recurring task, else by listing its outputs."""

    _path_pattern: ClassVar[str]
    """How dates look in paths: for strftime(), each part in brackets."""

    def missing_datetimes(self, finite_datetimes: list[datetime]) -> Iterable[datetime]:
        of = self.of_cls
        values = [self.datetime_to_parameter(dt) for dt in finite_datetimes]
        try:
            # the task is made of the date alone there, the other parameters are known here
            complete = of.bulk_complete.__func__(functools.partial(of, **self.of_params), values)
            return set(finite_datetimes) - {self.parameter_to_datetime(value) for value in complete}
        except NotImplementedError:
            pass
        # whatever else complete() asks cannot be seen in a listing
        if of.complete in (native.Task.complete, native.WrapperTask.complete):
            try:
                return infer_bulk_complete_from_fs(
                    finite_datetimes, self._task_at, lambda dt: dt.strftime(self._path_pattern)
                )
            except NotImplementedError as error:
                _logger.debug("The outputs of %s are looked at one by one: %s", of.task_family, error)
        return super().missing_datetimes(finite_datetimes)


def _steps(aligned: datetime, step: timedelta, start: datetime, stop: datetime) -> list[datetime]:
    """Multiples of `step` after `aligned` that are within the range."""
    if aligned < start:
        aligned += step * -((aligned - start) // step)
    count = -((aligned - stop) // step)
    return [aligned + n * step for n in range(count)]


class RangeDailyBase(RangeBase):
    """A task for each day, with a DateParameter."""

    start = DateParameter(default=_OPEN, description=_description("start", "day"))
    stop = DateParameter(default=_OPEN, description=_description("stop", "day"))
    days_back = IntParameter(default=100, description=_description("back", "day"))
    days_forward = IntParameter(default=0, description=_description("forward", "day"))

    def datetime_to_parameter(self, dt: datetime) -> date:
        return dt.date()

    def parameter_to_datetime(self, p: date) -> datetime:
        return datetime(p.year, p.month, p.day)

    def moving_start(self, now: datetime) -> datetime:
        return now - timedelta(days=self.days_back)

    def moving_stop(self, now: datetime) -> datetime:
        return now + timedelta(days=self.days_forward)

    def finite_datetimes(self, finite_start: datetime, finite_stop: datetime) -> list[datetime]:
        midnight = finite_start.replace(hour=0, minute=0, second=0, microsecond=0)
        return _steps(midnight, timedelta(days=1), finite_start, finite_stop)


class RangeHourlyBase(RangeBase):
    """A task for each hour, with a DateHourParameter."""

    start = DateHourParameter(default=_OPEN, description=_description("start", "hour"))
    stop = DateHourParameter(default=_OPEN, description=_description("stop", "hour"))
    hours_back = IntParameter(default=100 * 24, description=_description("back", "hour"))
    hours_forward = IntParameter(default=0, description=_description("forward", "hour"))

    def datetime_to_parameter(self, dt: datetime) -> datetime:
        return dt

    def parameter_to_datetime(self, p: datetime) -> datetime:
        return p

    def moving_start(self, now: datetime) -> datetime:
        return now - timedelta(hours=self.hours_back)

    def moving_stop(self, now: datetime) -> datetime:
        return now + timedelta(hours=self.hours_forward)

    def finite_datetimes(self, finite_start: datetime, finite_stop: datetime) -> list[datetime]:
        hour = finite_start.replace(minute=0, second=0, microsecond=0)
        return _steps(hour, timedelta(hours=1), finite_start, finite_stop)

    def _format_datetime(self, dt: datetime) -> str:
        return DateHourParameter().serialize(dt)


class RangeByMinutesBase(RangeBase):
    """A task every few minutes, with a DateMinuteParameter."""

    start = DateMinuteParameter(default=_OPEN, description=_description("start", "minute"))
    stop = DateMinuteParameter(default=_OPEN, description=_description("stop", "minute"))
    minutes_back = IntParameter(default=24 * 60, description=_description("back", "minute"))
    minutes_forward = IntParameter(default=0, description=_description("forward", "minute"))
    minutes_interval = IntParameter(default=1, description="minutes between two tasks: a divisor of 60")

    def datetime_to_parameter(self, dt: datetime) -> datetime:
        return dt

    def parameter_to_datetime(self, p: datetime) -> datetime:
        return p

    def moving_start(self, now: datetime) -> datetime:
        return now - timedelta(minutes=self.minutes_back)

    def moving_stop(self, now: datetime) -> datetime:
        return now + timedelta(minutes=self.minutes_forward)

    def finite_datetimes(self, finite_start: datetime, finite_stop: datetime) -> list[datetime]:
        interval = self.minutes_interval
        if not 0 < interval < 60:
            raise ParameterException("minutes-interval must be within 0..60")
        if 60 % interval:
            raise ParameterException("minutes-interval does not evenly divide 60")
        minute = finite_start.minute // interval * interval
        first = finite_start.replace(minute=minute, second=0, microsecond=0)
        return _steps(first, timedelta(minutes=interval), finite_start, finite_stop)

    def _format_datetime(self, dt: datetime) -> str:
        return DateMinuteParameter().serialize(dt)


class RangeMonthly(RangeBase):
    """A task for each month, with a MonthParameter. There are so few that they are looked at one by one."""

    start = MonthParameter(default=_OPEN, description=_description("start", "month"))
    stop = MonthParameter(default=_OPEN, description=_description("stop", "month"))
    months_back = IntParameter(default=13, description=_description("back", "month"))
    months_forward = IntParameter(default=0, description=_description("forward", "month"))

    def datetime_to_parameter(self, dt: datetime) -> date:
        return date(dt.year, dt.month, 1)

    def parameter_to_datetime(self, p: date) -> datetime:
        return datetime(p.year, p.month, 1)

    def moving_start(self, now: datetime) -> datetime:
        return self._first_of_month(now, -self.months_back)

    def moving_stop(self, now: datetime) -> datetime:
        return self._first_of_month(now, self.months_forward)

    @staticmethod
    def _first_of_month(dt: datetime, later: int = 0) -> datetime:
        """The first day of the month so many months after that of `dt`."""
        year, month = divmod(dt.year * 12 + dt.month - 1 + later, 12)
        return datetime(year, month + 1, 1)

    def finite_datetimes(self, finite_start: datetime, finite_stop: datetime) -> list[datetime]:
        stop = self._first_of_month(finite_stop)
        months = (stop.year - finite_start.year) * 12 + stop.month - finite_start.month
        starts = [self._first_of_month(finite_start, n) for n in range(months)]
        return [dt for dt in starts if dt >= finite_start]

    def _format_datetime(self, dt: datetime) -> str:
        return dt.strftime("%Y-%m")


class RangeDaily(_Bulk, RangeDailyBase):
    """A task for each day, with a DateParameter; what is missing is found with few looks."""

    _path_pattern = "(%Y).*(%m).*(%d)"


class RangeHourly(_Bulk, RangeHourlyBase):
    """A task for each hour, with a DateHourParameter; what is missing is found with few looks."""

    _path_pattern = "(%Y).*(%m).*(%d).*(%H)"


class RangeByMinutes(_Bulk, RangeByMinutesBase):
    """A task every few minutes, with a DateMinuteParameter; what is missing is found with few looks."""

    _path_pattern = "(%Y).*(%m).*(%d).*(%H).*(%M)"


__all__ = [
    "RangeBase",
    "RangeByMinutes",
    "RangeByMinutesBase",
    "RangeDaily",
    "RangeDailyBase",
    "RangeEvent",
    "RangeHourly",
    "RangeHourlyBase",
    "RangeMonthly",
    "_constrain_glob",
    "_get_filesystems_and_globs",
    "infer_bulk_complete_from_fs",
]

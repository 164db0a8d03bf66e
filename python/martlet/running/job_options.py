"""What jobs ask of their batch system: said by `[jobs]` in the configuration, by task classes, and by --job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .. import _bridge, time_limit
from ..diagnostics import Code, Diagnostic, MartletError, did_you_mean
from ..task import Task
from .shares import CORES, GPU, MEMORY

FLAG = "--job"
_UNITS = {"kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_MARGIN = 600.0
"""Seconds that a job has beyond the time limit of its task, to begin and to end."""


class Option(NamedTuple):
    """Something a job may ask for."""

    name: str
    kind: str
    help: str

    @property
    def expected(self) -> str:
        words = {
            "count": "a whole number, at least 1",
            "size": "a number with its unit: 500 MB, 4 GiB",
            "time": "a length of time: 90min, 2h, 1h 30m, or seconds",
            "lines": "a text, or a list of those",
            "names": "a name, or several: a list, or with spaces between them",
        }
        return words[self.kind]


OPTIONS: Mapping[str, Option] = {
    option.name: option
    for option in (
        Option("cores", "count", "Processor cores; else `resources[\"cores\"]` of the task"),
        Option("memory", "size", "Main memory of the job; else `resources[\"memory_gb\"]` of the task"),
        Option("disk", "size", "Scratch space"),
        Option("walltime", "time", "How long a job may run; else the `time_limit` of each task in it, and ten minutes"),
        Option("gpus", "count", "GPUs; else `resources[\"gpu\"]` of the task"),
        Option("queue", "names", "Partition, queue or computing element; of several each job goes to one with room"),
        Option("extra", "lines", "Lines for the system's own description of a job; those of all places count"),
    )
}
"""A new option is one line here, and one in each dialect."""


def parse(name: str, value: Any, where: str) -> Any:
    """A value as the engine takes it (`JobOptions` in the runtime). Raises MartletError that names the option."""
    option = OPTIONS.get(name)
    if option is None:
        hint = did_you_mean(name, list(OPTIONS)) or f"jobs ask for {', '.join(OPTIONS)}"
        raise MartletError(Diagnostic(Code.UNKNOWN_KEY, f"{name} ({where})", "jobs ask for no such thing", hint))
    try:
        return _PARSERS[option.kind](value)
    except ValueError:
        cause, hint = f"{value!r} is not {option.expected}", f"give {option.expected}"
        raise MartletError(Diagnostic(Code.MALFORMED_VALUE, f"{name} ({where})", cause, hint)) from None


def _count(value: Any) -> int:
    number = int(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else 0
    if isinstance(value, float) and value == int(value):
        number = int(value)
    if number < 1:
        raise ValueError
    return number


def _size(value: Any) -> int:
    if not isinstance(value, str):
        raise ValueError
    text = value.strip()
    number = text.rstrip("kmgtibKMGTIB").strip()
    unit = {unit.lower(): factor for unit, factor in _UNITS.items()}.get(text[len(number) :].strip().lower())
    if unit is None or not 0 < float(number) < 1e9:
        raise ValueError
    return int(float(number) * unit)


def _time(value: Any) -> float:
    seconds = time_limit.seconds(value)
    if seconds is None:
        raise ValueError
    return seconds


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError
    return value


def _names(value: Any) -> list[str]:
    names = [name for name in value.split(" ") if name] if isinstance(value, str) else value
    if not isinstance(names, Sequence) or not names:
        raise ValueError
    return list(dict.fromkeys(_text(name) for name in names))


def _lines(value: Any) -> list[str]:
    lines = [value] if isinstance(value, str) else value
    if not isinstance(lines, Sequence):
        raise ValueError
    return [_text(line) for line in lines]


_PARSERS = {"count": _count, "size": _size, "time": _time, "names": _names, "lines": _lines}


def table(said: Mapping[str, Any], where: str) -> dict[str, Any]:
    """`[jobs]` of a configuration file: options, and tables of those by system, which become `NAME.option`.

    Raises MartletError for what is neither an option nor a system.
    """
    found: dict[str, Any] = {}
    for name, value in said.items():
        if isinstance(value, Mapping):
            _check_system(name, where)
            found.update({f"{name}.{option}": parse(option, one, where) for option, one in value.items()})
        else:
            found[name] = parse(name, value, where)
    return found


def _check_system(name: str, where: str) -> None:
    known = _bridge.batch_systems()
    if name not in known:
        cause = "no batch system has this name"
        hint = did_you_mean(name, known) or f"there is {', '.join(known)}; a class says itself what its jobs ask for"
        raise MartletError(Diagnostic(Code.UNKNOWN_KEY, f"jobs.{name} ({where})", cause, hint))


def of_class(cls: type[Task]) -> dict[str, Any] | None:
    """What a class says of all of its tasks' jobs, by name of the option; None where it says so of each by itself.

    Raises MartletError for what it says wrongly.
    """
    stated: Any = getattr(cls, "job_options", {})
    is_property = hasattr(type(stated), "__get__") and not callable(stated)
    return None if is_property else _own(stated, cls)


def _own(stated: Any, cls: type[Task]) -> dict[str, Any]:
    family = cls.get_task_family()
    if not isinstance(stated, Mapping):
        is_method = callable(stated)
        cause = "it is a method" if is_method else f"{stated!r} is not a table of options"
        hint = "make it a property" if is_method else 'give a table, e.g. {"memory": "4 GB"}'
        raise MartletError(Diagnostic(Code.MALFORMED_VALUE, f"job_options of {family}", cause, hint))
    where = f"job_options of {family}"
    return {name: parse(name, value, where) for name, value in stated.items() if value is not None}


def flag(text: str) -> dict[str, Any]:
    """What one --job says: it counts before all else, and is kept under a name that no file can have."""
    name, equals, value = text.partition("=")
    if not equals:
        cause = f"{text!r} is not NAME=VALUE"
        hint = f"give one of {', '.join(OPTIONS)} and a value, e.g. {FLAG} memory=4GB"
        raise MartletError(Diagnostic(Code.MALFORMED_VALUE, FLAG, cause, hint))
    return {f"{FLAG} {name.strip()}": parse(name.strip(), value.strip(), FLAG)}


class JobOptions:
    """What the jobs of one run ask for."""

    def __init__(self, said: Mapping[str, Any], system: str | None, tasks_per_job: int = 1) -> None:
        """`said`: as `table` and `flag` give it, merged."""
        own = f"{system}."
        self._tasks_per_job = tasks_per_job
        self._usual = {name: value for name, value in said.items() if name in OPTIONS}
        self._ours = {name[len(own) :]: value for name, value in said.items() if name.startswith(own)}
        self._flags = {name.split()[-1]: value for name, value in said.items() if name.startswith(FLAG)}

    def of(self, task: Task) -> dict[str, Any]:
        """By name of the option; what is None is not said. Raises MartletError for what a class says wrongly.

        Raises whatever a property of the user's raises.
        """
        own = _own(task.job_options, type(task))
        layers = (self._usual, self._ours, _derived(task), own, self._flags)
        merged: dict[str, Any] = {}
        for layer in layers:
            merged.update(layer)
        limit = time_limit.of(task)
        if limit is not None and "walltime" not in own and "walltime" not in self._flags:
            merged["walltime"] = limit * self._rounds(task, merged) + _MARGIN
        extra = [line for layer in layers for line in layer.get("extra", ())]
        return {**merged, "extra": extra} if extra else merged

    def _rounds(self, task: Task, asked: Mapping[str, Any]) -> int:
        """How many tasks of a job run one after another: as many run at a time as it has cores for."""
        at_a_time = 1
        if "cores" in asked:
            each = task.process_resources().get(CORES) or asked["cores"]
            at_a_time = max(1, int(asked["cores"] // each))
        return -(-self._tasks_per_job // at_a_time)


def _derived(task: Task) -> dict[str, Any]:
    """What follows from what the task needs to run anywhere, but for its time."""
    found: dict[str, Any] = {}
    resources = task.process_resources()
    if resources.get(CORES, 0) >= 1:
        found["cores"] = int(-(-resources[CORES] // 1))
    if resources.get(GPU, 0) >= 1:
        found["gpus"] = int(resources[GPU])
    if resources.get(MEMORY, 0) > 0:
        found["memory"] = int(resources[MEMORY] * 1e9)
    return found

"""What the tasks of a survey that would run will probably take, from past reports of their families."""

from __future__ import annotations

from typing import Any

from ..records import questions
from ..records.values import Amount, Estimate, Spread
from ..steering.terminal import duration
from ..targets.transfer_display import size
from .survey import Survey


def counts(survey: Survey) -> dict[str, int]:
    """How many tasks of each family would run."""
    found = {family.name: family.states.get("would run", 0) for family in survey.families}
    return {family: count for family, count in found.items() if count}


def estimate(survey: Survey, workers: int = 1) -> Estimate:
    """`workers`: tasks at a time. Raises RecordsError where the records cannot be read."""
    return questions.estimate(counts(survey), workers=workers, state=survey.state)


def text(found: Estimate) -> str:
    """For people: of each family a line, then the sums."""
    total = sum(family.tasks for family in found.families) + sum(found.unknown.values())
    if not total:
        return "Nothing would run"
    lines = [f"{total:,} {'task' if total == 1 else 'tasks'} would run"]
    lines += [f"  {one.name}: {one.tasks:,}, each {_each(one.wall)}, from {one.samples:,}" for one in found.families]
    lines += [f"  {name}: {count:,}, nothing is known: none has ended well" for name, count in found.unknown.items()]
    at_once = "time, " + ("one after the other" if found.workers == 1 else f"{found.workers:,} at a time")
    sums = (("processor time", found.cpu, _time), ("disk", found.bytes, _size), (at_once, found.elapsed, _time))
    for name, amount, told in sums:
        if amount is not None:
            lines.append(f"{name}: {told(amount.expected)} ± {told(amount.uncertainty)}")
    return "\n".join(lines)


def members(found: Estimate) -> dict[str, Any]:
    """The same for programs."""

    def spread(one: Spread | None) -> dict[str, float] | None:
        return None if one is None else {name: getattr(one, name) for name in one._names}

    def amount(one: Amount | None) -> dict[str, float] | None:
        return None if one is None else {"expected": one.expected, "uncertainty": one.uncertainty}

    return {
        "families": [
            {
                "family": one.name, "tasks": one.tasks, "samples": one.samples, "failed": one.failed,
                "wall": spread(one.wall), "cpu": spread(one.cpu), "bytes": spread(one.bytes),
            }
            for one in found.families
        ],
        "unknown": found.unknown, "workers": found.workers, "wall": amount(found.wall), "cpu": amount(found.cpu),
        "bytes": amount(found.bytes), "elapsed": amount(found.elapsed),
    }  # fmt: skip


def _each(wall: Spread | None) -> str:
    return "-" if wall is None else f"{_time(wall.median)} ({_time(wall.low)} to {_time(wall.high)})"


def _time(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms" if seconds < 1 else duration(seconds)


def _size(count: float) -> str:
    return size(round(count))

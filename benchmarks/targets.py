"""What Martlet is to reach, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .results import Results, Series

Value = Callable[[Results], "float | None"]


@dataclass(frozen=True)
class Target:
    """One number that must not be exceeded."""

    title: str
    limit: float
    unit: str
    value: Value
    """None where it was not measured."""


def _large(results: Results, benchmark: str, peer: str) -> list[Series]:
    """From a thousand tasks on: below, a run's beginning and end outweigh them."""
    return [one for one in results.series(benchmark, peer) if one.tasks >= 1000]


def _cpu_a_task(benchmark: str, peer: str = "martlet") -> Value:
    """The worst of all sizes, in microseconds."""

    def worst(results: Results) -> float | None:
        return max((one.cpu / one.tasks * 1e6 for one in _large(results, benchmark, peer)), default=None)

    return worst


def _at(benchmark: str, peer: str, size: int, number: Callable[[Series], float | None]) -> Value:
    def value(results: Results) -> float | None:
        one = results.one(benchmark, peer, size)
        return None if one is None else number(one)

    return value


def _fan(results: Results) -> float | None:
    values = [_cpu_a_task(name)(results) for name in ("fan", "million")]
    return max((value for value in values if value is not None), default=None)


def _ratio(results: Results) -> float | None:
    ratios = []
    for name in ("fan", "million"):
        for one in _large(results, name, "martlet"):
            floor = results.one(name, "bare", one.size)
            if floor is not None:
                ratios.append(one.cpu / floor.cpu)
    return max(ratios, default=None)


def _face(results: Results) -> float | None:
    """What luigi's face costs, as a multiple of the native classes' cost, at the same size."""
    ratios = []
    for one in _large(results, "fan", "luigi-face"):
        native = results.one("fan", "martlet", one.size)
        if native is not None:
            ratios.append(one.cpu / native.cpu)
    return max(ratios, default=None)


def _memory(results: Results) -> float | None:
    """Bytes a task: the slope between the smallest and the largest fan."""
    measured = [*_large(results, "fan", "martlet"), *_large(results, "million", "martlet")]
    if len(measured) < 2 or measured[-1].tasks < 50 * measured[0].tasks:
        return None
    return (measured[-1].peak - measured[0].peak) / (measured[-1].tasks - measured[0].tasks)


def _apart(one: Series) -> float | None:
    window = one.extra("window")
    return None if window is None else window / max(one.size - 1, 1) * 1e6


TARGETS = [
    Target("fan, CPU a task, worst of all N", 80, "µs", _fan),
    Target("fan, ratio to the bare loop, worst of all N", 2, "", _ratio),
    Target("fan, luigi's face, ratio to the native classes", 1.3, "", _face),
    Target("start-up, one task and end, CPU", 100, "ms", _at("start", "martlet", 1, lambda one: one.cpu * 1e3)),
    Target("a new task object", 4, "µs", _at("objects", "martlet", 100_000, lambda one: (one.extra("new") or 0) * 1e6)),
    Target(
        "a task object that is known", 2, "µs",
        _at("objects", "martlet", 100_000, lambda one: (one.extra("hit") or 0) * 1e6),
    ),
    Target("nothing to do, 100,000 files, CPU", 1.0, "s", _at("complete", "martlet", 100_000, lambda one: one.cpu)),
    Target("nothing to do, grid of 50,000 files, CPU", 0.5, "s", _at("grid-complete", "martlet", 40, lambda o: o.cpu)),
    Target("dispatch to two workers, wall a task", 15, "µs", _at("dispatch", "martlet-2", 20_000, _apart)),
    Target("chain of 1,000, CPU a task", 100, "µs", _at("chain", "martlet", 1_000, lambda o: o.cpu / o.tasks * 1e6)),
    Target("2,000 commands, CPU a task", 1.1, "ms", _at("commands", "martlet", 2_000, lambda o: o.cpu / o.tasks * 1e3)),
    Target("a million tasks, wall", 90, "s", _at("million", "martlet", 1_000_000, lambda one: one.wall)),
    Target("a million tasks, peak memory", 1.5, "GB", _at("million", "martlet", 1_000_000, lambda one: one.peak / 1e9)),
    Target("memory a task, planned, run and recorded", 1_200, "bytes", _memory),
]  # fmt: skip

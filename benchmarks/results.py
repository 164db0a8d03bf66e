"""Results on disk: JSON, one file a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from math import log
from pathlib import Path
from statistics import median
from typing import Any

from .measure import Sample

_LARGE = 500
"""Tasks from which on a run grows with them, and not only begins and ends."""


@dataclass
class Series:
    """What was measured of one peer at one size."""

    peer: str
    size: int
    tasks: int
    samples: list[Sample] = field(default_factory=list)
    failed: str = ""
    """Why there is nothing, or nothing more."""

    def median(self, of: Callable[[Sample], float]) -> float:
        """The median over the samples."""
        return median(of(sample) for sample in self.samples)

    @property
    def cpu(self) -> float:
        """Seconds in all."""
        return self.median(lambda sample: sample.cpu)

    @property
    def wall(self) -> float:
        """Seconds in all."""
        return self.median(lambda sample: sample.wall)

    @property
    def peak(self) -> float:
        """Bytes."""
        return max(sample.peak for sample in self.samples)

    def extra(self, name: str) -> float | None:
        """A number that only some benchmarks have."""
        values = [sample.extra[name] for sample in self.samples if name in sample.extra]
        return median(values) if values else None


@dataclass
class Results:
    """A run of the benchmarks."""

    machine: dict[str, Any]
    benchmarks: dict[str, list[Series]]

    def series(self, benchmark: str, peer: str) -> list[Series]:
        """What was measured of a peer, by size."""
        found = [one for one in self.benchmarks.get(benchmark, ()) if one.peer == peer and one.samples]
        return sorted(found, key=lambda one: one.size)

    def one(self, benchmark: str, peer: str, size: int) -> Series | None:
        """The same at one size; None where it was not measured."""
        return next((one for one in self.series(benchmark, peer) if one.size == size), None)

    def growth(self, benchmark: str, peer: str) -> float | None:
        """The exponent with which CPU time grows: the slope of a straight line through the logarithms."""
        large = [one for one in self.series(benchmark, peer) if one.tasks >= _LARGE and one.cpu > 0]
        points = [(log(one.tasks), log(one.cpu)) for one in large]
        if len(points) < 2:
            return None
        x = sum(point[0] for point in points) / len(points)
        y = sum(point[1] for point in points) / len(points)
        return sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points)

    def memory(self, benchmark: str, peer: str) -> float | None:
        """Bytes a task: how the peak grows between the smallest and the largest size."""
        large = [one for one in self.series(benchmark, peer) if one.tasks >= _LARGE]
        if not large or large[-1].tasks < 3 * large[0].tasks:
            return None  # too near to each other to tell
        return (large[-1].peak - large[0].peak) / (large[-1].tasks - large[0].tasks)

    def write(self, path: Path) -> None:
        """Keeps them."""
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"machine": self.machine, "benchmarks": self._plain()}, indent=1, ensure_ascii=False)
        path.write_text(text + "\n")

    def _plain(self) -> dict[str, Any]:
        return {name: [asdict(one) for one in series] for name, series in self.benchmarks.items()}

    @classmethod
    def read(cls, path: Path) -> Results:
        """Results that were kept."""
        plain = json.loads(path.read_text())
        benchmarks = {
            name: [Series(**{**one, "samples": [Sample(**sample) for sample in one["samples"]]}) for one in series]
            for name, series in plain["benchmarks"].items()
        }
        return cls(plain["machine"], benchmarks)

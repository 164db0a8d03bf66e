"""What an analysis of a given size costs its driver, from what single things were measured to cost: docs/scale.md.

`python -m benchmarks.scale RESULTS.json` prints it, with `--write` it renews the table of the page.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from math import ceil

from .page import ROOT, Block
from .results import Results
from .table import Row, markdown, plain, significant

PAGE = ROOT / "docs" / "scale.md"


@dataclass(frozen=True)
class Case:
    """An analysis: its files, and tasks beside those that make the files."""

    title: str
    files: int
    terabytes: float
    unique: int
    """Kinds of tasks with their datasets and settings, each done for every shift."""
    shifts: int
    sites: int
    stores: int
    slots: int = 2_100
    """Jobs at a time, of all sites together."""
    hours: float = 1.0
    """That a job takes."""
    tasks_per_job: int = 1

    @property
    def tasks(self) -> int:
        """Those that make a file each, and the unique ones for every shift."""
        return self.files + self.unique * self.shifts

    @property
    def jobs(self) -> int:
        """With `tasks_per_job` tasks each."""
        return ceil(self.tasks / self.tasks_per_job)

    @property
    def directories(self) -> int:
        """Of 500 files, as in the benchmark of stores."""
        return ceil(self.files / 500)

    @property
    def run_hours(self) -> float:
        """As long as all slots are busy."""
        return self.jobs / self.slots * self.hours


TTH = Case("ttH", files=50_000, terabytes=50, unique=1_000, shifts=40, sites=7, stores=2)
TENFOLD = Case("tenfold", files=500_000, terabytes=500, unique=10_000, shifts=40, sites=7, stores=2, slots=21_000)
CASES = (TTH, TENFOLD)


@dataclass(frozen=True)
class Units:
    """What single things cost. Those with a default are not in the results of `make bench`: docs/scale.md says of each
    how it was measured."""

    run: float
    """CPU seconds of planning, running here and recording a task."""
    nothing: float
    """CPU seconds of a task that is complete."""
    memory: float
    """Bytes of a planned task."""
    report: float = 351
    """Bytes that an execution adds to the records."""
    ledger: float = 61
    """Bytes that a job adds to the ledger."""
    index: float = 420
    """Bytes of a task in the index of reports."""
    answer: float = 115
    """Bytes that a computing element of ARC says of a job; Slurm says 60."""
    waiting: float = 1.2e-6
    """Share of a core for each job that is watched, asked about every 30 s."""
    poll: float = 60
    """Seconds between two questions to a computing element."""
    array: int = 500
    """Jobs in a submission to one at the most."""

    @classmethod
    def of(cls, results: Results) -> Units:
        """Raises ValueError where the results lack what is needed."""
        grid, nothing = results.one("grid", "martlet", 40), results.one("grid-complete", "martlet", 40)
        memory = results.memory("fan", "martlet")
        if grid is None or nothing is None or memory is None:
            raise ValueError("the results have no grid of forty shifts, or no fan of several sizes")
        return cls(grid.cpu / grid.tasks, nothing.cpu / nothing.tasks, memory)


def rows(units: Units) -> list[Row]:
    """The table, its head first."""
    lines = [_column(case, units) for case in CASES]
    return [["", *(case.title for case in CASES)], *([name, *(line[name] for line in lines)] for name in lines[0])]


def _column(case: Case, units: Units) -> dict[str, str]:
    submissions = ceil(case.jobs / units.array)
    rounds = ceil(case.run_hours * 3600 / units.poll)
    watched = min(case.jobs, 2 * case.slots)
    return {
        "files, data": f"{case.files:,}, {case.terabytes:,.0f} TB",
        "tasks": f"{case.tasks:,}",
        "to plan, run here and record all, CPU": _time(case.tasks * units.run),
        "a run with nothing to do, CPU": _time(case.tasks * units.nothing),
        "memory of the driver for the plan": f"{significant(case.tasks * units.memory / 1e6)} MB",
        "listings of stores to plan by targets": f"{case.directories:,}",
        "requests to stores to plan by reports": "0",
        "records of executions": f"{significant(case.tasks * units.report / 1e6)} MB",
        "index of them, a cache": f"{significant(case.tasks * units.index / 1e6)} MB",
        "jobs": f"{case.jobs:,}",
        "the sites are busy for": f"{case.run_hours:.0f} h",
        "submissions, at least": f"{submissions:,}",
        "questions about jobs": f"{rounds * case.sites:,}",
        "bytes of their answers": f"{significant(rounds * watched * units.answer / 1e6)} MB",
        "ledger": f"{significant(case.jobs * units.ledger / 1e6)} MB",
        "watching, share of a core": f"{watched * units.waiting * 30 / units.poll * 100:.2f} %",
        "bundles sent, with a store for them": "1",
    }


def _time(seconds: float) -> str:
    return f"{significant(seconds)} s"


def on_page(results: Results) -> str:
    """The table, for docs/scale.md."""
    return markdown(rows(Units.of(results))) + "\n"


def on_terminal(results: Results) -> str:
    """The table, for a terminal."""
    return plain(rows(Units.of(results))) + "\n"


BLOCK = Block("scale", on_page, on_terminal, PAGE)


if __name__ == "__main__":
    sys.exit(BLOCK.main("benchmarks.scale", sys.argv[1:]))

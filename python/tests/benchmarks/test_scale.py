"""What an analysis of a given size costs: counts times unit costs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from benchmarks.results import Results
from benchmarks.scale import BLOCK, PAGE, TENFOLD, TTH, Units, rows


def test_the_page_shows_what_the_results_say() -> None:
    page = PAGE.read_text()
    assert BLOCK.renewed(page) == page, "renew it: python -m benchmarks.scale --write benchmarks/results/….json"


def test_ten_times_the_work_costs_ten_times_as_much() -> None:
    assert TENFOLD.tasks == 10 * TTH.tasks and TENFOLD.directories == 10 * TTH.directories
    assert TENFOLD.run_hours == pytest.approx(TTH.run_hours)


def test_slices_make_fewer_jobs() -> None:
    assert replace(TTH, tasks_per_job=10).jobs == TTH.jobs // 10


def test_counts_are_multiplied_by_what_one_costs() -> None:
    table = {row[0]: row[1] for row in rows(Units(run=1e-4, nothing=1e-5, memory=1000, report=400))}
    assert table["tasks"] == "90,000"
    assert table["to plan, run here and record all, CPU"] == "9.00 s"
    assert table["memory of the driver for the plan"] == "90.0 MB"
    assert table["records of executions"] == "36.0 MB"
    assert table["submissions, at least"] == "180"


def test_results_without_the_grid_are_refused() -> None:
    with pytest.raises(ValueError, match="no grid"):
        Units.of(Results({}, {}))

"""The demo's systematic grid on real batch systems, by one option: the numbers are those of a local run."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from batch.analyst import Analyst, place, working
from batch.servers import arc, htcondor, slurm
from storage.servers import service
from storage.webdav_server import PACKAGES, webdav_server

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(importlib.util.find_spec("uproot") is None, reason="uproot is missing: install martlet[hep]"),
]

EXAMPLE = Path(__file__).parents[3] / "examples" / "tth"
GRID = ("tth.py", "Fit", "--size", "0.1")
"""283 tasks: events, selections, reconstructions and histograms of all shifts, and the fit."""
BRISK = ("--tasks-per-job", "20", "--poll-interval", "2")
"""What makes a test of it: a process of its own for each task takes two seconds."""


@dataclass(frozen=True)
class Site:
    analyst: Analyst
    words: tuple[str, ...]
    """What makes a local run one of jobs."""
    results: Path
    """The folder behind the store `results`."""
    is_same_system: bool = True
    """Jobs have this machine's mathematical functions; those of another C library differ in the last digits."""


@contextmanager
def _slurm() -> Iterator[Site]:
    if reason := slurm.why_not():
        pytest.skip(f"THE DEMO IS NOT TESTED WITH SLURM: {reason}")
    with place() as server, slurm.serving(server) as served, working(served.environment) as analyst:
        yield Site(analyst, ("--batch", "slurm"), analyst.folder / "results")


@contextmanager
def _htcondor() -> Iterator[Site]:
    if reason := htcondor.why_not():
        pytest.skip(f"THE DEMO IS NOT TESTED WITH HTCONDOR: {reason}")
    shared = [Path("/var/tmp"), *htcondor.this_python()]
    with place() as server, htcondor.serving(server, shared) as pool, working(pool.environment) as analyst:
        yield Site(analyst, ("--batch", "htcondor"), analyst.folder / "results", is_same_system=False)


@contextmanager
def _arc() -> Iterator[Site]:
    if reason := arc.why_not() or service.missing(PACKAGES):
        pytest.skip(f"THE DEMO IS NOT TESTED WITH ARC: {reason}")
    with (
        place() as server, place() as files, arc.serving(server) as element, webdav_server(files) as store,
        working(element.environment) as analyst,
    ):  # fmt: skip
        words = ("--batch", "arc", "--job", f"queue={element.url}", "--store", f"results={store.http}")
        yield Site(analyst, words, store.data)


@pytest.fixture(scope="module")
def local() -> Iterator[Path]:
    """The results of a run on this machine."""
    with working({}) as analyst:
        analyst.bring(EXAMPLE)
        analyst.run(*GRID, "--workers", "2")
        yield analyst.folder / "results"


@pytest.mark.parametrize("opened", [_slurm, _htcondor, _arc], ids=["slurm", "htcondor", "arc"])
def test_the_grid_of_jobs_gives_the_numbers_of_a_local_run(local: Path, opened: object) -> None:
    assert callable(opened)
    with opened() as site:
        site.analyst.bring(EXAMPLE)
        said = site.analyst.run(*GRID, *site.words, *BRISK, within=600)
        assert "283 tasks ran" in said, said
        numbers, expected = _numbers(site.results), _numbers(local)
        if site.is_same_system:
            assert numbers == expected
            assert _compared(local, site.results) == "83 and 83 files of histograms: all the same\n"
        else:  # errors are where a minimiser stops looking, which the last digits decide
            assert numbers["mu"] == pytest.approx(expected["mu"], rel=1e-6)
            assert numbers == pytest.approx(expected, rel=1e-2)
        assert "Nothing to do" in site.analyst.run(*GRID, *site.words, *BRISK)


def _numbers(results: Path) -> dict[str, float]:
    """The result of the fit, with each parameter's pull and impact."""
    told = json.loads((results / "toy-x0.1" / "fit" / "fit.json").read_text())
    return {name: value for name, value in told.items() if isinstance(value, float)}


def _compared(one: Path, other: Path) -> str:
    words = [sys.executable, "compare.py", str(one), str(other)]
    return subprocess.run(words, cwd=EXAMPLE, capture_output=True, text=True).stdout

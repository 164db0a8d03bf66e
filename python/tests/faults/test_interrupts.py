"""Signals at instants that are hard to hit: while planning, and between the ledger, the batch system and the ledger."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from faults import injection, invariants
from faults.area import PATIENCE, Area
from faults.processes import kill
from faults.scenario import Fault, Scenario, choose

pytestmark = pytest.mark.e2e

_NONE = Fault("none")
_BATCH = next(seed for seed in range(1, 1000) if choose(seed).batch)
_LOCAL = next(seed for seed in range(1, 1000) if not choose(seed).batch)


@pytest.fixture
def areas(tmp_path: Path) -> Iterator[list[Area]]:
    """The area of a test, to be filled in; what lives on in it is killed."""
    made: list[Area] = []
    yield made
    for area in made:
        for pid in area.alive():
            kill(pid)


def _interrupted(area: Area, point: str, names: list[str]) -> injection.Ended:
    """A run that is held at a fail point while signals arrive."""
    process = area.start(f"{point}=delay-500")
    deadline = time.monotonic() + PATIENCE
    while point not in area.reached() and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    for name in names:
        process.send_signal(signal.Signals[name])
        time.sleep(0.1)  # two of a kind that are pending are one to the kernel; the driver is held at the fail point
    code = process.wait(PATIENCE)
    return injection.Ended(code, area.said())


def _plain(seed: int, workers: int) -> Scenario:
    return replace(choose(seed), workers=workers, faults=[], damage=None, power=False)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("point", ["plan.chunk", "plan.end"])
def test_while_planning(tmp_path: Path, areas: list[Area], point: str, name: str) -> None:
    area = Area(tmp_path, _plain(_LOCAL, 2))
    areas.append(area)
    ended = _interrupted(area, point, [name])
    # before the run begins, the signal ends the process as it does any other
    assert ended.code in (130, -signal.Signals[name]), ended.said
    assert "Traceback" not in ended.said
    assert [event for event in area.history.events() if event.what != "drive"] == []
    assert invariants.at_end(area, injection.drive(area, _NONE)) == []


@pytest.mark.parametrize("names", [["SIGINT"], ["SIGINT", "SIGINT"], ["SIGHUP"]], ids=" ".join)
@pytest.mark.parametrize("point", ["jobs.submit", "jobs.record", "jobs.collect"])
def test_while_jobs_are_submitted_and_collected(
    tmp_path: Path, areas: list[Area], point: str, names: list[str]
) -> None:
    area = Area(tmp_path, _plain(_BATCH, 4))
    areas.append(area)
    ended = _interrupted(area, point, names)
    assert ended.code == 130, ended.said
    assert "Traceback" not in ended.said
    assert invariants.at_end(area, injection.drive(area, _NONE)) == []
    assert invariants.jobs(area) == []

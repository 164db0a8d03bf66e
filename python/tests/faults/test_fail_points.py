"""Every fail point is passed by what the suite plays, is chosen by some seed, and has its line in the documentation."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from clean_environments import ROOT
from faults import scenario
from faults.iteration import play
from faults.scenario import Fault, choose
from martlet import _bridge, fail_points

POINTS = _bridge.vocabulary()["fail_points"]


def test_every_point_is_passed() -> None:
    reached: set[str] = set()
    for batch in (False, True):
        seed = next(seed for seed in range(1, 1000) if choose(seed).batch == batch)
        fault = Fault("none" if batch else "two", jitter=0.1)
        plain = replace(choose(seed), workers=2, faults=[fault], damage=None, power=False)
        # long enough for two drivers to meet
        plain = replace(plain, nodes=[replace(node, pause=0.02) for node in plain.nodes])
        verdict = play(plain)
        assert verdict.wrong == []
        reached |= verdict.reached
    verdict = play(scenario.piloted(Fault("point", "job.claimed:3=kill")))
    assert verdict.wrong == [] and verdict.hit
    reached |= verdict.reached
    assert reached == set(POINTS)


def test_every_point_is_chosen_by_some_seed() -> None:
    chosen = (
        scenario.DRIVER_POINTS + scenario.ZYGOTE_POINTS + scenario.TASK_POINTS + scenario.WORKER_POINTS
        + scenario.JOB_POINTS + scenario.PILOT_POINTS + ("job.result", "target.name", "lease.check")
    )  # fmt: skip
    assert set(chosen) == set(POINTS)
    assert set(scenario.REFUSALS) <= set(POINTS)


@pytest.mark.parametrize("point", POINTS)
def test_every_point_is_documented(point: str) -> None:
    assert f"`{point}`" in (ROOT / "docs" / "development.md").read_text()


def test_nothing_is_armed_by_default() -> None:
    assert not fail_points.armed


def test_a_plan_that_cannot_be_read_ends_the_process() -> None:
    code = "from martlet import fail_points; fail_points.reach('target.open')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "MARTLET_FAIL": "target.opne=kill"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 70
    assert 'there is no fail point "target.opne"' in done.stderr

"""A safeguard taken away turns the suite red; with it, the same scenario holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faults.iteration import play
from faults.scenario import MUTANTS, Fault, choose

pytestmark = pytest.mark.e2e

_BATCH = replace(choose(next(seed for seed in range(1, 1000) if choose(seed).batch)), damage=None, power=True)
_SLOW = [replace(node, pause=1.0) for node in _BATCH.nodes]
_LOCAL = replace(choose(next(seed for seed in range(1, 1000) if not choose(seed).batch)), damage=None, power=False)
_SLOWER = [replace(node, pause=0.05) for node in _LOCAL.nodes]
_TORN = [Fault("point", "target.write:3=torn-1")]
WORLDS = {
    "no-fsync": [
        # the ledger had not been forced to disk when the power went: the jobs are submitted a second time
        (replace(_BATCH, nodes=_SLOW, faults=[Fault("point", "jobs.record:1=kill")]), "were wanted"),
        (replace(_LOCAL, workers=2, faults=[Fault("point", "plan.end:1=kill")]), "a power cut after the end"),
    ],
    "no-lease-check": [
        (replace(_LOCAL, workers=2, nodes=_SLOWER, faults=[Fault("two", jitter=0.02)]), "by two drivers"),
    ],
    "no-rename": [
        (replace(_LOCAL, workers=1, faults=_TORN), "should have"),
        (replace(_LOCAL, workers=2, faults=_TORN), "should have"),
    ],
}
"""For each mutant, scenarios and what is then found."""


@pytest.mark.parametrize(("mutant", "world"), [(name, n) for name in WORLDS for n in range(len(WORLDS[name]))])
def test_the_suite_notices_a_safeguard_that_lacks(mutant: str, world: int) -> None:
    scenario, word = WORLDS[mutant][world]
    assert play(scenario).wrong == []
    wrong = play(replace(scenario, mutant=mutant)).wrong
    assert any(word in line for line in wrong), wrong


def test_every_mutant_has_its_worlds() -> None:
    assert set(WORLDS) == set(MUTANTS)

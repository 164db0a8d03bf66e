"""The garbage collector during a run: what is planned is left alone, garbage goes, and all is as before afterwards."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

import martlet
from martlet.running.collector import Collector


class Ring:
    """An object that only the collector can remove."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def as_found() -> Iterator[None]:
    assert gc.isenabled() and gc.get_freeze_count() == 0
    yield
    assert gc.isenabled() and gc.get_freeze_count() == 0


def test_nothing_is_looked_at_while_a_plan_is_made() -> None:
    with Collector() as collector:
        collector.rest()
        passes = gc.get_stats()[0]["collections"]
        kept = [Ring() for _ in range(10_000)]
        assert gc.get_stats()[0]["collections"] == passes
        collector.settle()
        assert gc.isenabled() and gc.get_freeze_count() >= len(kept)


@pytest.mark.parametrize("passes", [[], [0], [0, 1], [1, 0, 0]], ids=str)
def test_what_tasks_leave_behind_goes(passes: list[int]) -> None:
    with Collector() as collector:
        collector.tidies = True
        collector.settle()
        anchor = Ring()
        ring = Ring()
        gone = weakref.ref(ring)
        for generation in passes:  # older by the time it is of no use
            gc.collect(generation)
        del ring
        collector.rest()
        collector.settle()
        assert gone() is None
        assert anchor.me is anchor


def test_an_end_in_the_middle_wakes_it() -> None:
    with Collector() as collector:
        collector.rest()
        assert not gc.isenabled()


def test_who_has_switched_it_off_keeps_it_off() -> None:
    gc.disable()
    try:
        with Collector() as collector:
            collector.rest()
            collector.settle()
        assert not gc.isenabled() and gc.get_freeze_count() == 0
    finally:
        gc.enable()


def test_what_somebody_else_has_frozen_stays_frozen() -> None:
    gc.freeze()
    try:
        count = gc.get_freeze_count()
        with Collector() as collector:
            collector.rest()
            assert gc.isenabled()
            collector.settle()
        assert gc.get_freeze_count() > 0.9 * count
    finally:
        gc.unfreeze()


class Odd(martlet.Task):
    """Cannot be planned, or can."""

    number = martlet.IntParameter()

    def requires(self) -> object:
        assert not gc.isenabled()
        if self.number == 1:
            raise KeyboardInterrupt
        return []

    def output(self) -> object:
        return []

    def run(self) -> None:
        assert gc.isenabled()


def test_tasks_run_with_it(tmp_path: Path) -> None:
    assert martlet.build(Odd(number=0), state=tmp_path, quiet=True)


def test_a_plan_that_ends_early_leaves_it_as_it_was(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        martlet.build(Odd(number=1), state=tmp_path, quiet=True)

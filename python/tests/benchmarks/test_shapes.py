"""The graphs of the benchmarks."""

from __future__ import annotations

import pytest
from benchmarks.job import SHAPES, Job
from benchmarks.shapes import waves


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_each_task_comes_after_what_it_needs_and_the_root_last(name: str) -> None:
    shape = SHAPES[name](3)
    seen = set()
    for key in shape.tasks():
        assert seen.issuperset(shape.needs(*key))
        assert key not in seen
        seen.add(key)
    assert key == shape.root
    assert len(seen) == shape.count


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_nothing_is_needed_twice(name: str) -> None:
    shape = SHAPES[name](3)
    needed = [one for key in shape.tasks() for one in shape.needs(*key)]
    assert len(needed) == len(set(needed)) == shape.count - 1


@pytest.mark.parametrize(("name", "sizes"), [("fan", [3, 1]), ("chain", [1, 1, 1]), ("grid", [1800, 1800, 120, 30, 1])])
def test_waves(name: str, sizes: list[int]) -> None:
    assert [len(wave) for wave in waves(SHAPES[name](3))] == sizes


def test_forty_variations_are_fifty_thousand_files() -> None:
    assert SHAPES["grid"](40).count == 50_001


def test_half_of_a_fan_lacks_every_second_file_and_the_root() -> None:
    job = Job("bare", "fan", 6, "half", "file", "")
    assert [number for _, _, number in job.present()] == [0, 2, 4]
    assert ("all", "nominal", 0) not in set(job.present())


def test_half_of_a_grid_is_half_its_tasks_and_what_follows_from_them() -> None:
    there = {(stage, number) for stage, _, number in Job("bare", "grid", 1, "half", "file", "").present()}
    assert there == {(stage, n) for stage in ("selection", "reconstruction") for n in range(0, 600, 2)}

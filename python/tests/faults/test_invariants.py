"""What the invariants make of a history."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from faults import invariants
from faults.area import Area
from faults.scenario import Node, choose

_LOCAL = next(seed for seed in range(1, 1000) if not choose(seed).batch)


def _area(folder: Path) -> Area:
    """Of two tasks, the second of which needs the first."""
    nodes = [Node(needs, size=0, pause=0, flushes=False, child=False) for needs in ([], [0])]
    return Area(folder, replace(choose(_LOCAL), nodes=nodes, faults=[]))


def test_a_task_before_what_it_needs_is_seen(tmp_path: Path) -> None:
    area = _area(tmp_path)
    area.history.drive([])
    area.history.begin(1)
    assert invariants.order(area) == ["task 1 ran before [0] had ended"]


def test_what_ended_while_another_driver_was_started_has_ended(tmp_path: Path) -> None:
    area = _area(tmp_path)
    area.history.drive([])
    area.history.begin(0)
    area.history.end(0)
    area.history.drive([], beside=True)  # it was looked for outputs before, and the line written after, task 0 ended
    area.history.begin(1)
    assert invariants.order(area) == []


def test_an_output_is_seen_before_its_task_says_that_it_ended(tmp_path: Path) -> None:
    area = _area(tmp_path)
    area.history.drive([])
    area.history.begin(0)
    area.history.drive([], beside=True)
    area.history.begin(1)
    area.history.end(0)
    assert invariants.order(area) == []


def test_one_driver_after_another_knows_what_is_there_alone(tmp_path: Path) -> None:
    area = _area(tmp_path)
    area.history.drive([])
    area.history.begin(0)
    area.history.end(0)
    area.history.drive([])
    area.history.begin(1)
    assert invariants.order(area) == ["task 1 ran before [0] had ended"]

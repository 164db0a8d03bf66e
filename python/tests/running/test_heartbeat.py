"""Signs of life of jobs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from martlet.running.heartbeat import Heartbeat
from martlet.running.states import State


class Slice:
    """What a heartbeat asks a run for."""

    def __init__(self, *states: State) -> None:
        self._states = states

    def states(self) -> tuple[State, ...]:
        return self._states


def heartbeat(path: Path, *states: State, interval: float = 600.0) -> Heartbeat:
    return Heartbeat(cast(Any, Slice(*states)), [], len(states), path, interval)


def over(path: Path) -> int:
    said: dict[str, int] = json.loads(path.read_text())
    return said["over"]


def test_slices_that_follow_each_other_share_one_rhythm(tmp_path: Path) -> None:
    path = tmp_path / "3.alive"
    first = heartbeat(path, State.DONE)
    first.report()
    first.finish()
    heartbeat(path, State.WAITING).report()
    assert over(path) == 1, "the next slice began within the minute"
    heartbeat(path, State.WAITING).report(now=True)
    assert over(path) == 0


def test_it_is_written_when_it_is_time(tmp_path: Path) -> None:
    path = tmp_path / "4.alive"
    heartbeat(path, State.DONE, interval=0.0).report()
    heartbeat(path, State.WAITING, interval=0.0).report()
    assert over(path) == 0

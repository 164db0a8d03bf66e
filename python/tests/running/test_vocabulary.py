"""The numbers that cross the bridge mean the same on both sides."""

from __future__ import annotations

import re
from enum import IntEnum

import pytest

from martlet import _bridge
from martlet.running import outcome, plan, states, traits


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (states.State, "states"),
        (states.ReasonCode, "reasons"),
        (plan.Kind, "kinds"),
        (outcome.Kind, "outcomes"),
    ],
)
def test_the_same_names_have_the_same_numbers(ours: type[IntEnum], theirs: str) -> None:
    names = [re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() for name in _bridge.vocabulary()[theirs]]
    assert {member.name: int(member) for member in ours} == {name: number for number, name in enumerate(names)}


def test_lanes() -> None:
    assert _bridge.vocabulary()["lanes"] == ["worker", "child", "batch", "apart", "fork"]
    assert (traits.WORKER, traits.CHILD, traits.BATCH, traits.APART, traits.FORK) == (0, 1, 2, 3, 4)

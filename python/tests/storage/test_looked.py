"""Which targets are there, as bytes between processes."""

from __future__ import annotations

from typing import Any

import pytest

from martlet.storage import looked

DENIED = {"error": "denied", "message": "no"}
GONE = {"error": "transient", "message": "gone"}


@pytest.mark.parametrize("answers", [[], [True], [False, True, DENIED, GONE, DENIED, False]])
def test_answers_survive_the_way(answers: list[Any]) -> None:
    reasons, content = looked.encoded(answers)
    assert looked.decoded(reasons, content, lambda place, why: why) == answers


def test_a_reason_is_told_once() -> None:
    reasons, content = looked.encoded([DENIED, GONE, dict(DENIED)])
    assert reasons == [DENIED, GONE] and content == b"\2\0\3\0\2\0"


def test_places_are_told_with_their_reasons() -> None:
    reasons, content = looked.encoded([True, GONE])
    assert looked.decoded(reasons, content, lambda place, why: (place, why["error"])) == [True, (1, "transient")]


def test_more_reasons_than_can_be_told_are_still_reasons() -> None:
    many = [{"error": "transient", "message": str(n)} for n in range(70_000)]
    read = looked.decoded(*looked.encoded(many), lambda place, why: None)
    assert read == [None] * 70_000


@pytest.mark.parametrize("locations", [["root://h//a b"], ["https://h/ü", "", "x"]])
def test_locations_survive_the_way(locations: list[str]) -> None:
    assert looked.parted(looked.joined(locations)) == locations

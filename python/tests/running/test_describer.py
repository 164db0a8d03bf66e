"""What a task's report says of the task."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import martlet
from martlet.parameters.base import ParameterVisibility
from martlet.running.describer import Describer


class Described(martlet.Task):
    text = martlet.Parameter(default="nominal")
    number = martlet.IntParameter(default=3)
    weight = martlet.FloatParameter(default=0.5)
    files = martlet.ListParameter(default=("a", "b"))


class Hidden(martlet.Task):
    shown = martlet.Parameter(default="x")
    unimportant = martlet.Parameter(default="y", significant=False)
    secret = martlet.Parameter(default="password", visibility=ParameterVisibility.PRIVATE)
    inner = martlet.Parameter(default="z", visibility=ParameterVisibility.HIDDEN)


class Bare(martlet.Task):
    pass


class Broken(martlet.Task):
    class Odd(martlet.Parameter[str]):
        def serialize(self, x: str) -> Any:
            raise ValueError("no text for it")

    odd = Odd(default="x")


class Numeric(martlet.Task):
    class Plain(martlet.Parameter[int]):
        def serialize(self, x: int) -> Any:
            return x

    n = Plain(default=7)


def described(task: martlet.Task, *more: Any) -> dict[str, Any]:
    members: dict[str, Any] = json.loads("{" + Describer().members(4, task, *more) + "}")
    return members


@given(st.text(max_size=40), st.integers(), st.floats(allow_nan=False), st.lists(st.text(max_size=5), max_size=3))
def test_says_the_id_and_the_parameters(text: str, number: int, weight: float, files: list[str]) -> None:
    task = Described(text, number, weight, tuple(files))
    told = described(task)
    assert told == {"task": task.task_id, "family": "Described", "params": task.to_str_params(only_public=True)}


@pytest.mark.parametrize("text", ["", "\x7f", "\x1f\n\"\\", "ü", "\u2028", "\U0001f600", "../x y"])
def test_odd_characters_keep_the_id(text: str) -> None:
    task = Described(text)
    assert described(task)["task"] == martlet.task.identity.task_id(task)


@pytest.mark.parametrize("task", [Hidden(), Bare(), Hidden(shown="ü", inner="w")])
def test_hides_what_is_not_public(task: martlet.Task) -> None:
    told = described(task)
    assert told["task"] == task.task_id
    assert told["params"] == task.to_str_params(only_public=True)
    assert "password" not in json.dumps(told)


def test_names_outputs_and_inputs() -> None:
    told = described(Described(), [("/a/ü", 3, 5)], [Bare(), Described("b")])
    assert told["outputs"] == [["/a/ü", 3, 5]]
    assert told["inputs"] == [Bare().task_id, Described("b").task_id]
    assert described(Described(), (), {"Bare": 39, "Other": 1})["needs"] == {"Bare": 39, "Other": 1}
    assert described(Described(), [("/a", 3, 5, "adler32:0a1b2c3d")])["outputs"] == [["/a", 3, 5, "adler32:0a1b2c3d"]]


def test_a_task_that_cannot_be_described_is_described_by_that() -> None:
    told = described(Broken())
    assert told["task"] == "Broken_4" and "no text for it" in told["title"]


def test_a_serialize_that_gives_no_text_is_told() -> None:
    assert "cannot be described" in described(Numeric())["title"]


def test_describing_leaves_nothing_behind_in_the_task() -> None:
    task = Described("fresh one")
    before = set(task.__dict__)
    described(task)
    assert set(task.__dict__) == before

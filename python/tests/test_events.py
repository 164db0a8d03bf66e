from __future__ import annotations

import logging
from typing import Any

import pytest

import martlet
from martlet import Event


class Base(martlet.Task):
    pass


class Derived(Base):
    pass


class Unrelated(martlet.Task):
    pass


def test_handlers_hear_subclasses_in_order_of_registration() -> None:
    heard: list[Any] = []

    @Base.event_handler(Event.SUCCESS)
    def first(task: Any) -> None:
        heard.append(("first", task))

    @Base.event_handler(Event.SUCCESS)
    def second(task: Any) -> None:
        heard.append(("second", task))

    Derived().trigger_event(Event.SUCCESS, Derived())
    Unrelated().trigger_event(Event.SUCCESS, Unrelated())
    Base().trigger_event(Event.FAILURE, Base())
    assert heard == [("first", Derived()), ("second", Derived())]
    Base.remove_event_handler(Event.SUCCESS, first)
    Base().trigger_event(Event.SUCCESS, Base())
    assert heard[2:] == [("second", Base())]


def test_a_handler_that_raises_is_logged_and_disturbs_nobody(caplog: pytest.LogCaptureFixture) -> None:
    heard = []

    @Base.event_handler(Event.START)
    def bad(task: Any) -> None:
        raise RuntimeError("handler is broken")

    @Base.event_handler(Event.START)
    def good(task: Any) -> None:
        heard.append(task)

    with caplog.at_level(logging.ERROR):
        Base().trigger_event(Event.START, Base())
    assert heard == [Base()]
    assert "handler is broken" in caplog.text


def test_an_interrupt_is_not_a_handlers_failure() -> None:
    @Base.event_handler(Event.START)
    def interrupted(task: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Base().trigger_event(Event.START, Base())

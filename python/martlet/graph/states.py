"""States of tasks in a picture: a word, a colour and a letter each, so that no one has to tell colours apart."""

from __future__ import annotations

from typing import NamedTuple


class Look(NamedTuple):
    """How a state is shown."""

    word: str
    colour: str
    """Of Okabe and Ito's palette, which people with any kind of colour vision tell apart."""
    ink: str
    """What can be read on it."""


LOOKS = {
    "done": Look("complete", "#0072B2", "#ffffff"),
    "stale": Look("complete, changed since", "#56B4E9", "#000000"),
    "would run": Look("would run", "#E69F00", "#000000"),
    "missing": Look("missing", "#000000", "#ffffff"),
    "blocked": Look("blocked", "#F0E442", "#000000"),
    "broken": Look("broken", "#D55E00", "#ffffff"),
    "withheld": Look("not started", "#BBBBBB", "#000000"),
}
"""By state of a surveyed task, in the order in which they are told; `martlet.surveying.task.STATES` are all."""

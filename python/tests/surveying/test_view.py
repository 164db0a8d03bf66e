"""Which part of an analysis is meant."""

from __future__ import annotations

from types import ModuleType

import pytest

import martlet
from martlet.surveying import View, words


@pytest.mark.parametrize(
    ("text", "depth", "until"),
    [("0", 0, ()), ("-1", -1, ()), ("Events*", -1, ("Events*",)), ("2|Events|Raw", 2, ("Events", "Raw"))],
)
def test_reaches_as_law_writes_them(text: str, depth: int, until: tuple[str, ...]) -> None:
    view = View.reaching(text)
    assert (view.depth, view.until) == (depth, until)


@pytest.mark.parametrize("text", ["", "-2", "1|2", "1|"])
def test_what_is_no_reach(text: str) -> None:
    with pytest.raises(ValueError, match="no number of levels"):
        View.reaching(text)


def test_nothing_below_a_family_is_meant(analysis: ModuleType) -> None:
    survey = martlet.survey(analysis.Plots(3))
    view = View.reaching("Merged|Ev*")
    assert [task.family for task in view.tasks(survey)] == ["Plots", "Merged", "Events"]
    assert [one.family for one in survey.tree(until=view.until)] == ["Plots", "Merged", "Events"]


def test_a_tree_of_many_tasks_fits_a_page(analysis: ModuleType) -> None:
    text = words.status(martlet.survey(analysis.Plots(500)), View())
    assert "    Events × 500: 500 would run" in text.splitlines() and len(text.splitlines()) < 10


def test_all_tasks_of_a_set_where_that_is_asked_for(analysis: ModuleType) -> None:
    lines = words.deps(martlet.survey(analysis.Plots(3)), View(verbose=True)).splitlines()
    assert [line.strip() for line in lines if "Events" in line] == [
        "Events(number=0)", "Events(number=1)", "Events(number=2)", "Events(number=0): see above",
    ]  # fmt: skip

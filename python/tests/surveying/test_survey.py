"""`martlet.survey`: one plan as plain objects."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import martlet
from martlet.diagnostics import MartletError


def test_nothing_is_there_at_first(analysis: ModuleType) -> None:
    survey = martlet.survey(analysis.Plots(3))
    assert [(family.name, family.tasks, family.states) for family in survey.families] == [
        ("Plots", 1, {"would run": 1}), ("Merged", 1, {"would run": 1}),
        ("Events", 3, {"would run": 3}), ("Raw", 1, {"done": 1}),
    ]  # fmt: skip
    root = survey.tasks[survey.roots[0]]
    assert (root.title, root.parameters, root.external) == ("Plots(count=3)", {"count": "3"}, False)
    assert [task.external for task in survey.fitting("Raw*")] == [True]


def test_private_parameters_are_not_told(analysis: ModuleType) -> None:
    (events,) = martlet.survey(analysis.Events(1)).fitting("Events")
    assert events.parameters == {"number": "1"}


def test_what_is_complete_is_asked_for_what_it_needs_too(analysis: ModuleType) -> None:
    assert martlet.build(analysis.Plots(3))
    survey = martlet.survey(analysis.Plots(3))
    assert {task.state for task in survey.tasks} == {"done"}
    needed = sorted(survey.tasks[other].family for _, other in survey.edges)
    assert needed == ["Events"] * 4 + ["Merged"] + ["Raw"] * 3


def test_a_tree_tells_sets_and_a_shared_task_once(analysis: ModuleType) -> None:
    lines = [(one.depth, one.family, len(one.tasks), one.seen) for one in martlet.survey(analysis.Plots(3)).tree()]
    assert lines == [
        (0, "Plots", 1, False), (1, "Merged", 1, False), (2, "Events", 3, False), (3, "Raw", 1, False),
        (1, "Events", 1, True),
    ]  # fmt: skip


def test_views_end_at_a_depth(analysis: ModuleType) -> None:
    survey = martlet.survey(analysis.Plots(3))
    assert [task.family for task in survey.within(0)] == ["Plots"]
    assert [task.family for task in survey.within(1)] == ["Plots", "Merged", "Events"]
    assert len(survey.within()) == len(survey.tasks)
    assert [one.depth for one in survey.tree(depth=1)] == [0, 1, 1]


def test_outputs_tell_where_they_lie_and_how_large_they_are(analysis: ModuleType) -> None:
    martlet.build(analysis.Events(1))
    survey = martlet.survey(analysis.Merged(3))
    found = {output.location: output for output in survey.outputs()}
    there = found["out/events/1.txt"]
    assert (there.exists, there.size, there.store) == (True, len("events 1"), "out/events")
    assert there.modified == Path("out/events/1.txt").stat().st_mtime_ns
    assert (found["out/events/0.txt"].exists, found["out/events/0.txt"].size) == (False, None)


def test_outputs_lie_in_stores_by_name(analysis: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MARTLET_STORE_RESULTS", str(tmp_path / "elsewhere"))
    survey = martlet.survey(analysis.Events(1))
    assert [output.store for output in survey.outputs(survey.fitting("Events"))] == ["results"]


def test_a_store_that_does_not_answer_is_not_absence(analysis: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARTLET_STORE_RESULTS", "davs://127.0.0.1:1/nowhere")
    survey = martlet.survey(analysis.Events(1))
    (output,) = survey.outputs(survey.fitting("Events"))
    assert output.exists is None and output.cause
    assert survey.fitting("Events")[0].state == "broken"


def test_lost_data_of_others_blocks(analysis: ModuleType) -> None:
    Path("raw.txt").unlink()
    survey = martlet.survey(analysis.Merged(2))
    states = {task.family: task.state for task in survey.tasks}
    assert states == {"Merged": "blocked", "Events": "blocked", "Raw": "missing"}


def test_what_was_made_from_other_inputs_is_stale(analysis: ModuleType) -> None:
    martlet.build(analysis.Merged(2))
    Path("out/events/0.txt").unlink()
    martlet.build(analysis.Events(0))
    survey = martlet.survey(analysis.Merged(2))
    (merged,) = survey.fitting("Merged")
    assert merged.state == "stale" and "inputs changed" in merged.why


def test_a_circle_is_refused(analysis: ModuleType) -> None:
    class Circle(martlet.Task):
        def requires(self) -> Any:
            return Circle()

    with pytest.raises(MartletError):
        martlet.survey(Circle())

"""Removing outputs: nothing without a word, nothing of others, and reports that are right afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import martlet
from martlet.diagnostics import MartletError
from martlet.surveying import removal
from martlet.surveying.survey import Survey


def nobody(names: dict[str, str]) -> Mapping[str, Mapping[str, Any]]:
    return {}


def made(analysis: ModuleType) -> Survey:
    assert martlet.build(analysis.Plots(2))
    return martlet.survey(analysis.Plots(2))


def test_a_plan_touches_nothing_and_tells_sizes(analysis: ModuleType) -> None:
    survey = made(analysis)
    plan = removal.plan(survey, survey.within(1), nobody)
    assert [output.location for output in plan.outputs] == ["out/plots", "out/merged.txt", "out/events/0.txt"]
    assert plan.size == len("merged") + len("events 0")
    assert Path("out/merged.txt").exists()


def test_what_is_made_elsewhere_stays(analysis: ModuleType) -> None:
    survey = made(analysis)
    plan = removal.plan(survey, survey.within(), nobody)
    assert plan.external == ("Raw()",)
    removed = removal.carry_out(survey, plan)
    assert len(removed.outputs) == 4 and not removed.failures
    assert Path("raw.txt").exists() and not Path("out/plots").exists() and not list(Path("out/events").iterdir())


def test_what_another_run_is_at_work_on_stays(analysis: ModuleType) -> None:
    survey = made(analysis)
    (merged,) = survey.fitting("Merged")
    plan = removal.plan(survey, survey.within(), lambda names: {merged.task_id: {"held": {"words": "running now"}}})
    assert plan.held == {"Merged(count=2)": "running now"}
    assert "out/merged.txt" not in [output.location for output in plan.outputs]


def test_reports_make_it_run_again(analysis: ModuleType) -> None:
    survey = made(analysis)
    removal.carry_out(survey, removal.plan(survey, survey.fitting("Events"), nobody))
    again = martlet.build(analysis.Plots(2), complete_by="reports")
    assert again.count("done") >= 2
    assert {path.name for path in Path("out/events").iterdir()} == {"0.txt", "1.txt"}


def test_the_record_is_written_before_anything_goes(analysis: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    survey = made(analysis)

    def refuse(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(removal, "_remove", refuse)
    removed = removal.carry_out(survey, removal.plan(survey, survey.fitting("Merged"), nobody))
    assert removed.interrupted and Path("out/merged.txt").exists()
    lines = [json.loads(line) for one in Path("state/reports").glob("*") for line in one.read_text().splitlines()]
    assert [line["removed"] for line in lines if "removed" in line] == [["out/merged.txt"]]


def test_without_records_nothing_is_removed(analysis: ModuleType) -> None:
    survey = made(analysis)
    plan = removal.plan(survey, survey.fitting("Merged"), nobody)
    survey.state = "/proc/nowhere"
    with pytest.raises(MartletError):
        removal.carry_out(survey, plan)
    assert Path("out/merged.txt").exists()


def test_a_store_that_does_not_answer_loses_nothing(analysis: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARTLET_STORE_RESULTS", "davs://127.0.0.1:1/nowhere")
    survey = martlet.survey(analysis.Events(1))
    plan = removal.plan(survey, survey.within(), nobody)
    assert not plan.outputs and len(plan.unreachable) == 1


def test_a_file_that_an_external_task_names_too_stays(analysis: ModuleType) -> None:
    class Copy(martlet.Task):
        def requires(self) -> Any:
            return analysis.Raw()

        def output(self) -> Any:
            return [self.input(), martlet.LocalTarget("copy.txt")]

        def run(self) -> None:
            Path("copy.txt").write_text("copy")

    assert martlet.build(Copy())
    survey = martlet.survey(Copy())
    plan = removal.plan(survey, survey.within(0), nobody)
    assert [output.location for output in plan.outputs] == ["copy.txt"]

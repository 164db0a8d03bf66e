"""What nobody owns: found where outputs alone lie, and nowhere else."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from types import ModuleType

import pytest

import martlet
from martlet.surveying import garbage, unfinished

LONG_AGO = time.time() - 3 * 86400


def old(path: str) -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("old")
    os.utime(file, (LONG_AGO, LONG_AGO))
    return file


def found(survey: object, **options: str) -> list[str]:
    here = f"{Path.cwd()}/"
    return [one.location.removeprefix(here) for one in garbage.find(survey, **options).waste]  # type: ignore[arg-type]


def test_old_files_beside_outputs_are_found_and_removed(analysis: ModuleType) -> None:
    assert martlet.build(analysis.Plots(2))
    for name in ("out/events/9.txt", "out/events/.3.tmp-0123456789ab-3.txt", "out/events/.hidden"):
        old(name)
    Path("out/events/young.txt").write_text("another run makes it")
    Path("out/events/.4.tmp-0123456789ab-3.txt").write_text("being written")
    survey = martlet.survey(analysis.Plots(2))
    assert found(survey) == ["out/events/.3.tmp-0123456789ab-3.txt", "out/events/9.txt"]
    gone, failures = garbage.remove(garbage.find(survey))
    assert len(gone) == 2 and not failures
    left = {path.name for path in Path("out/events").iterdir()}
    assert left == {"0.txt", "1.txt", ".hidden", "young.txt", ".4.tmp-0123456789ab-3.txt"}


def test_temporary_files_of_the_engine_are_found_too(analysis: ModuleType) -> None:
    martlet.build(analysis.Events(0))
    names = [".0.txt.martlet-wn-12.example.org-4711-0123456789ab.tmp", ".7.txt.martlet-x-1-0123456789ab.tmp"]
    for name in names:
        old(f"out/events/{name}")
    old("out/events/.others.martlet-notes.tmp")
    survey = martlet.survey(analysis.Events(0))
    assert found(survey) == [f"out/events/{name}" for name in names]
    held = {survey.tasks[0].task_id: {"held": {"words": "pid 7 is at work on it"}}}
    waste = garbage.find(survey, history=lambda names: held).waste
    assert [os.path.basename(one.location) for one in waste] == names[1:]


def test_a_name_that_was_cut_is_what_it_begins() -> None:
    final = "x" * 240 + ".root"
    cut = f".{final[:200]}.martlet-{'h' * 20}-4711-0123456789ab.tmp"
    assert len(cut) >= 250 and unfinished.becomes_one_of("/out", cut, {f"/out/{final}"})
    assert not unfinished.becomes_one_of("/out", cut, {f"/out/{'y' * 240}.root"})
    assert not unfinished.becomes_one_of("/out", ".xx.tmp-0123456789ab-0.root", {f"/out/{final}"})


def test_what_a_run_is_at_work_on_is_being_written_however_old_it_is(analysis: ModuleType) -> None:
    martlet.build(analysis.Events(0))
    for name in ("out/events/.0.tmp-0123456789ab-3.txt", "out/events/.7.tmp-0123456789ab-3.txt"):
        old(name)
    survey = martlet.survey(analysis.Events(0))
    held = {survey.tasks[0].task_id: {"held": {"words": "pid 7 is at work on it"}}}
    here = f"{Path.cwd()}/out/events/"
    waste = garbage.find(survey, history=lambda names: held).waste
    assert [one.location.removeprefix(here) for one in waste] == [".7.tmp-0123456789ab-3.txt"]
    assert len(garbage.find(survey).waste) == 2


def test_what_a_batch_job_makes_is_being_written(analysis: ModuleType) -> None:
    martlet.build(analysis.Events(0))
    old("out/events/.0.tmp-0123456789ab-3.txt")
    survey = martlet.survey(analysis.Events(0))
    ledger = Path(survey.state, "ledger", "one.jsonl")
    ledger.parent.mkdir()
    intend = {"intend": "martlet-1", "elements": [[survey.tasks[0].task_id]]}
    ledger.write_text(json.dumps(intend) + "\n")
    assert found(survey) == []
    ledger.write_text(json.dumps(intend) + "\n" + json.dumps({"closed": "martlet-1"}) + "\n")
    assert found(survey) == ["out/events/.0.tmp-0123456789ab-3.txt"]


def test_what_another_analysis_has_reported_is_owned(analysis: ModuleType) -> None:
    assert martlet.build(analysis.Events(7))
    os.utime("out/events/7.txt", (LONG_AGO, LONG_AGO))
    assert found(martlet.survey(analysis.Merged(2))) == []


def test_folders_without_outputs_are_not_looked_into(analysis: ModuleType) -> None:
    martlet.build(analysis.Events(0))
    old("out/other/x.txt")
    old("out/events/deeper/x.txt")
    assert found(martlet.survey(analysis.Events(0))) == []


def test_beside_data_of_others_nothing_is_found(analysis: ModuleType) -> None:
    old("scan.txt")  # beside raw.txt, which is external
    assert found(martlet.survey(analysis.Raw())) == []


def test_the_root_of_a_store_is_left_alone(
    analysis: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MARTLET_STORE_RESULTS", str(tmp_path / "shared"))
    martlet.build(analysis.Merged(1))
    old("shared/theirs.txt")
    old("shared/events/mine.txt")
    survey = martlet.survey(analysis.Merged(1))
    assert found(survey) == ["shared/events/mine.txt"]
    assert garbage.find(survey).passed_over == {str(tmp_path / "shared"): "it is the root of a store"}


def test_only_below_a_place(analysis: ModuleType) -> None:
    martlet.build(analysis.Events(0))
    old("out/events/x.txt")
    survey = martlet.survey(analysis.Events(0))
    assert found(survey, below="out/events") == ["out/events/x.txt"]
    assert found(survey, below="elsewhere") == [] and not garbage.lies_below(survey, "elsewhere")


def test_a_store_that_does_not_answer(analysis: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARTLET_STORE_RESULTS", "davs://127.0.0.1:1/nowhere")
    survey = martlet.survey(analysis.Events(1))
    told = garbage.find(survey)
    assert not told.waste and list(told.unreachable) == ["davs://127.0.0.1:1/nowhere/events"]


def test_relative_paths_of_reports_are_owned_wherever_they_began(
    analysis: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    martlet.build(analysis.Events(7))  # its report says out/events/7.txt
    os.utime("out/events/7.txt", (LONG_AGO, LONG_AGO))
    monkeypatch.setenv("MARTLET_STORE_RESULTS", str(tmp_path / "out"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    old(str(tmp_path / "out/events/x.txt"))
    waste = garbage.find(martlet.survey(analysis.Events(0))).waste
    assert [one.location for one in waste] == [str(tmp_path / "out/events/x.txt")]

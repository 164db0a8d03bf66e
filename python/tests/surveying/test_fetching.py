"""Bringing outputs to a folder."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType

import martlet
from martlet.surveying import fetching


def test_all_files_arrive_once(analysis: ModuleType, tmp_path: Path) -> None:
    assert martlet.build(analysis.Plots(2))
    survey = martlet.survey(analysis.Plots(2))
    first = fetching.fetch(survey, survey.within(), external=True, folder=tmp_path / "got")
    names = sorted(str(path.relative_to("got")) for path in Path("got").rglob("*") if path.is_file())
    assert names == [
        "out/events/0.txt", "out/events/1.txt", "out/merged.txt", "out/plots/a.txt", "out/plots/b.txt", "raw.txt",
    ]  # fmt: skip
    assert (len(first.files), first.same, first.failures) == (6, 0, {})
    second = fetching.fetch(martlet.survey(analysis.Plots(2)), survey.within(), external=True, folder=tmp_path / "got")
    assert (len(second.files), second.same) == (0, 6)


def test_what_differs_is_fetched_again(analysis: ModuleType, tmp_path: Path) -> None:
    martlet.build(analysis.Events(1))
    survey = martlet.survey(analysis.Events(1))
    fetching.fetch(survey, survey.within(0), tmp_path / "got")
    Path("got/out/events/1.txt").write_text("XXXXXXXX")
    os.utime("got/out/events/1.txt", (1, 1))
    again = fetching.fetch(survey, survey.within(0), tmp_path / "got")
    assert len(again.files) == 1 and Path("got/out/events/1.txt").read_text() == "events 1"


def test_places_outside_keep_their_names_and_stay_inside(analysis: ModuleType, tmp_path: Path) -> None:
    class Elsewhere(martlet.Task):
        def output(self) -> martlet.LocalTarget:
            return martlet.LocalTarget(str(tmp_path / "here" / ".." / ".." / tmp_path.name / "here" / "a.txt"))

    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "a.txt").write_text("a")
    survey = martlet.survey(Elsewhere())
    done = fetching.fetch(survey, survey.within(), external=True, folder=tmp_path / "got")
    (local,) = done.files.values()
    assert Path(local).resolve().is_relative_to(tmp_path / "got") and Path(local).read_text() == "a"


def test_no_two_files_get_one_name() -> None:
    taken: set[str] = set()
    assert [fetching._free(name, taken) for name in ("a/b.txt", "A/B.txt", "c", "c")] == [
        "a/b.txt", "A/B~2.txt", "c", "c~2",
    ]  # fmt: skip


def test_what_is_not_made_is_told(analysis: ModuleType, tmp_path: Path) -> None:
    survey = martlet.survey(analysis.Events(1))
    done = fetching.fetch(survey, survey.within(0), tmp_path / "got")
    assert (dict(done.files), done.absent) == ({}, 1)

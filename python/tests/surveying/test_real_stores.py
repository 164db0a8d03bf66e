"""Surveys, removing, fetching and sweeping in stores as they are."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import martlet
from martlet.steering import configured_stores
from martlet.storage import end_couriers, put, store
from martlet.surveying import fetching, garbage, removal, unfinished
from storage import places
from storage.places import Place

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module", params=places.PLACES[1:], ids=[place.__name__ for place in places.PLACES[1:]])
def server(request: pytest.FixtureRequest) -> Iterator[Place]:
    with places.opened(request.param) as found:
        yield found
        configured_stores.give([])
        end_couriers()


@pytest.fixture
def place(server: Place, request: pytest.FixtureRequest, analysis: ModuleType) -> Place:
    """A folder of the store for the test, which the configuration calls `results`."""
    found = server.within(request.function.__name__)
    lines = [f"{name} = {json.dumps(value)}" for name, value in found.lines.items()]
    Path("martlet.toml").write_text("\n".join(["[stores.results]", *lines]))
    return found


def nobody(names: dict[str, str]) -> Mapping[str, Mapping[str, Any]]:
    return {}


def test_outputs_are_told_fetched_once_and_removed(place: Place, analysis: ModuleType, tmp_path: Path) -> None:
    assert martlet.build(analysis.Merged(6))
    survey = martlet.survey(analysis.Merged(6))
    outputs = survey.outputs(survey.fitting("Events"))
    assert {(output.exists, output.size, output.store) for output in outputs} == {(True, len("events 0"), "results")}
    first = fetching.fetch(survey, survey.within(), tmp_path / "got")
    assert (len(first.files), first.failures) == (7, {})
    assert (tmp_path / "got/results/events/3.txt").read_text() == "events 3"
    assert fetching.fetch(martlet.survey(analysis.Merged(6)), survey.within(), tmp_path / "got").same == 7

    removed = removal.carry_out(survey, removal.plan(survey, survey.fitting("Events"), nobody))
    assert (len(removed.outputs), removed.failures) == (6, {})
    assert [name.rpartition("/")[2] for name in place.results] == ["merged.txt"]
    states = {task.state for task in martlet.survey(analysis.Merged(6)).fitting("Events")}
    assert states == {"withheld"}  # what they were needed for is there


def test_a_directory_goes_with_what_is_in_it(place: Place, analysis: ModuleType, tmp_path: Path) -> None:
    if str(place.lines["url"]).startswith("s3:"):
        pytest.skip("there are no directories that appear in one step")
    assert martlet.build(analysis.Plots(2))
    survey = martlet.survey(analysis.Plots(2))
    done = fetching.fetch(survey, survey.within(0), tmp_path / "got")
    assert sorted(Path(local).name for local in done.files.values()) == ["a.txt", "b.txt"]
    assert fetching.fetch(survey, survey.within(0), tmp_path / "got").same == 2
    removal.carry_out(survey, removal.plan(survey, survey.within(0), nobody))
    assert not [name for name in place.results if "plots" in name]


def test_young_files_of_others_stay(place: Place, analysis: ModuleType, tmp_path: Path) -> None:
    assert martlet.build(analysis.Events(0))
    (tmp_path / "local").write_text("theirs")
    survey = martlet.survey(analysis.Events(0))
    folder = f"{place.lines['url']}/events"
    (told,) = store([(tmp_path / "local", f"{folder}/theirs.txt")])
    assert not isinstance(told, OSError)
    found = garbage.find(survey)
    assert not found.waste and not found.unreachable


def test_old_files_of_nobody_go(
    place: Place, analysis: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert martlet.build(analysis.Events(0))
    (tmp_path / "local").write_text("nobody's")
    survey = martlet.survey(analysis.Events(0))
    store([(tmp_path / "local", f"{place.lines['url']}/events/nobody.txt")])
    monkeypatch.setattr(garbage, "SETTLED", -10 * garbage.HOUR)  # as if hours had passed
    found = garbage.find(survey)
    assert [one.location.rpartition("/")[2] for one in found.waste] == ["nobody.txt"]
    gone, failures = garbage.remove(found)
    assert len(gone) == 1 and not failures
    assert sorted(os.path.basename(name) for name in place.results) == ["0.txt"]


def test_what_a_dead_writer_left_goes(
    place: Place, analysis: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A temporary file, or what S3 shows nobody: an upload in parts."""
    assert martlet.build(analysis.Merged(1))
    survey = martlet.survey(analysis.Merged(1))
    folder = f"{place.lines['url']}/events"
    waiting = [put(b"half", f"{folder}/{name}.txt") for name in (0, 7)]
    deeper = put(b"half", f"{place.lines['url']}/events.txt")
    assert not garbage.find(survey).waste  # somebody may be writing it

    monkeypatch.setattr(unfinished, "ABANDONED", -10 * garbage.HOUR)  # as if a day had passed
    held = {task.task_id: {"held": {"words": "another run"}} for task in survey.tasks if task.family == "Events"}
    assert {one.size for one in garbage.find(survey, history=lambda names: held).waste} == {4}
    assert len(garbage.find(survey, history=lambda names: held).waste) == 2
    found = garbage.find(survey)
    assert len(found.waste) == 3 and not found.unreachable and not found.untold
    assert {one.upload or one.location for one in found.waste} >= ({deeper, *waiting} if not _is_s3(place) else set())
    assert all(bool(one.upload) == _is_s3(place) for one in found.waste)

    gone, failures = garbage.remove(found)
    assert len(gone) == 3 and not failures
    assert not garbage.find(survey).waste
    assert len(place.names()) == 2  # the outputs stay


A_DAY_LATER = """
import sys
from martlet.steering.command_line import main
from martlet.surveying import unfinished
unfinished.ABANDONED = -1
sys.exit(main(["gc", "reco.py", "Events", "--number", "0", *sys.argv[1:]]))
"""


def test_gc_lists_uploads_and_removes_them_when_told(place: Place, analysis: ModuleType) -> None:
    if not _is_s3(place):
        pytest.skip("temporary files are files like others there")
    assert martlet.build(analysis.Events(0))
    put(b"half", f"{place.lines['url']}/events/5.txt")
    shutil.copy(analysis.__file__ or "", "reco.py")  # beside martlet.toml

    def gc(*words: str) -> tuple[int, str, str]:
        done = subprocess.run([sys.executable, "-c", A_DAY_LATER, *words], capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout, done.stderr

    code, told, complaints = gc("-n", "--json")
    assert (code, complaints) == (0, "")
    (one,) = json.loads(told)
    assert (one["location"], one["size"]) == (f"{place.lines['url']}/events/5.txt", 4)
    assert "an upload that never ended" in one["reason"]
    assert gc("--yes")[2] == "Removed 1 file, 4 bytes\n"
    assert gc("-n") == (0, "Nothing that nobody owns\n", "")


def _is_s3(place: Place) -> bool:
    return str(place.lines["url"]).startswith("s3:")

"""Results of jobs, as disks, nodes and file systems leave them."""

from __future__ import annotations

from pathlib import Path

import pytest

from martlet.running import slice as slices
from martlet.running.outcome import Outcome, split
from martlet.running.results import Results


def _frame(place: int) -> bytes:
    outcome = Outcome(place, start=5)
    outcome.fragment = '"task":"a"'
    return outcome.frame()


@pytest.mark.parametrize("tail", [bytes(4), bytes(63), bytes(64), bytes(4096), b"\xff" * 100, _frame(2)[:-1]])
def test_bytes_that_are_no_frames_end_a_result(tmp_path: Path, tail: bytes) -> None:
    whole = _frame(0) + _frame(1)
    assert [(place, kind) for place, kind, _ in split(whole + tail)] == [(0, 0), (1, 0)]
    path = tmp_path / "0.result"
    path.write_bytes(whole + tail)
    assert Results(path).done == {0, 1}
    # whoever goes on with it begins behind what is whole
    assert path.read_bytes() == whole


def test_a_text_that_would_be_longer_than_its_frame_ends_a_result() -> None:
    broken = bytearray(_frame(1))
    broken[60:64] = (1000).to_bytes(4, "little")
    assert [place for place, _, _ in split(_frame(0) + bytes(broken))] == [0]


@pytest.mark.parametrize("state", ["/" + 300 * "x", "/dev/null/state"])
def test_a_state_directory_that_refuses_to_be_looked_at_is_not_shared(tmp_path: Path, state: str) -> None:
    place = slices.Place.of({"state": state, "tag": "t"}, tmp_path / "job.json", 0, 0)
    assert not place.is_shared and place.state == tmp_path / "0.state"


def test_nor_is_one_whose_server_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(_: Path) -> bool:
        raise OSError(116, "Stale file handle")

    monkeypatch.setattr(Path, "is_file", refuses)
    assert not slices.Place.of({"state": str(tmp_path), "tag": "t"}, tmp_path / "job.json", 0, 0).is_shared


def test_a_task_whose_job_was_given_more_takes_more_of_it() -> None:
    had = {"job": {"memory": 2e9}, "resources": {"memory_gb": 2.0}}
    wants = {"job": {"memory": 4e9}, "resources": {"memory_gb": 4.0}}
    asked = {"memory": 4e9}
    assert slices._limits(asked) == {"memory_gb": 4.0}
    assert [slices._amounts(told, asked)["memory_gb"] for told in (had, wants)] == [4.0, 4.0]
    # a quarter of what its job had asked for stays a quarter
    part = {"job": {"memory": 2e9}, "resources": {"memory_gb": 0.5}}
    assert slices._amounts(part, asked)["memory_gb"] == 1.0

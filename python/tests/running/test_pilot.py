"""Pilots: jobs that take slices one after the other, by claims in a folder that they share."""

from __future__ import annotations

import errno
import json
import os
import threading
import time
from pathlib import Path

import pytest

from martlet.diagnostics import MartletError
from martlet.running.build import run
from martlet.running.options import Options
from martlet.running.outcome import Kind, Outcome
from martlet.running.pilot import Pilot
from martlet.running.reporter import Silent
from running.analysis import Piece


def submission(folder: Path, count: int) -> Path:
    lines = [json.dumps({"martlet": "job"}), *(json.dumps({"tasks": [{"task": str(n)}]}) for n in range(count))]
    (folder / "job.json").write_text("\n".join(lines) + "\n")
    return folder / "job.json"


def pilot(file: Path, index: int, count: int = 2, walltime: float | None = None, begin: float | None = None) -> Pilot:
    told = {"count": count, "walltime": walltime, "file": str(file)}
    return Pilot(file, index, told, time.monotonic() if begin is None else begin)


def numbers(pilot: Pilot) -> list[int]:
    return [int(share.tasks[0]["task"]) for share in pilot]


def test_a_pilot_takes_its_own_slice_first_and_then_all_that_is_left(tmp_path: Path) -> None:
    file = submission(tmp_path, 6)
    found = numbers(pilot(file, 1))
    assert found[0] == 1 and sorted(found) == list(range(6))
    assert numbers(pilot(file, 0)) == []
    assert {(tmp_path / f"{number}.claim").read_text() for number in range(6)} == {"1\n"}


def test_what_somebody_has_is_left_alone(tmp_path: Path) -> None:
    file = submission(tmp_path, 5)
    for number, who in ((0, "driver"), (3, "7")):
        (tmp_path / f"{number}.claim").write_text(f"{who}\n")
    assert sorted(numbers(pilot(file, 0))) == [1, 2, 4]


def test_of_many_at_once_each_slice_is_taken_by_one(tmp_path: Path) -> None:
    file = submission(tmp_path, 400)
    found: list[list[int]] = [[] for _ in range(8)]
    one = [pilot(file, index, count=8) for index in range(8)]
    threads = [threading.Thread(target=lambda n=n: found[n].extend(numbers(one[n]))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for some in found for number in some) == list(range(400))


def test_more_slices_are_found_before_it_ends(tmp_path: Path) -> None:
    file = submission(tmp_path, 2)
    found = []
    for share in pilot(file, 0):
        assert share.told == ({"facts": {"ab": {}}, "after": 7} if share.number > 1 else {})
        found.append(share.tasks[0]["task"])
        if len(found) == 2:
            tasks = '{"tasks":[{"task":"2"}]}\n{"tasks":[{"task":"3"}]}\n'
            (tmp_path / "2.added").write_text('{"after":7,"facts":{"ab":{}}}\n' + tasks)
    assert sorted(found) == ["0", "1", "2", "3"]


def test_it_begins_nothing_that_might_not_end_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    taken = []
    for _ in pilot(submission(tmp_path, 90), 0, walltime=1000.0):
        taken.append(now[0])
        now[0] += 100.0 if len(taken) == 1 else 50.0  # the longest counts
    # 100 of 1000 s are kept, and 200 for the next
    assert taken == [1000.0, *(1100.0 + 50 * n for n in range(12))]


def test_it_ends_when_a_process_was_lost(tmp_path: Path) -> None:
    taken = []
    for share in pilot(submission(tmp_path, 9), 0):
        taken.append(share.number)
        kind = Kind.RAISED if len(taken) < 3 else Kind.WORKER_LOST
        (tmp_path / f"{share.number}.0.result").write_bytes(Outcome(0, kind=kind).frame())
    assert len(taken) == 3 and len(list(tmp_path.glob("*.claim"))) == 3


def test_without_a_walltime_it_goes_on(tmp_path: Path) -> None:
    assert len(numbers(pilot(submission(tmp_path, 50), 0, begin=time.monotonic() - 1e6))) == 50


def test_a_copy_of_the_folder_is_refused(tmp_path: Path) -> None:
    file = submission(tmp_path, 2)
    (tmp_path / "scratch").mkdir()
    copy = submission(tmp_path / "scratch", 2)
    with pytest.raises(ValueError, match="whose folder pilots share: give --tasks-per-job"):
        Pilot(copy, 0, {"count": 2, "walltime": None, "file": str(file)}, 0.0)


def test_a_claim_that_cannot_be_written_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = submission(tmp_path, 2)
    real = os.write

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    one = pilot(file, 0)
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space left"):
        next(iter(one))
    monkeypatch.setattr(os, "write", real)
    assert not list(tmp_path.glob("*.claim"))


def test_a_run_with_pilots(tmp_path: Path) -> None:
    pieces = [Piece(str(tmp_path), number) for number in range(7)]
    options = Options(batch="local", state=tmp_path / "state", workers=2, pilots=2, tasks_per_job=2)
    result = run(pieces, options, Silent())
    assert result.exit_code == 0, [ending.cause for ending in result.endings]
    assert result.batch is not None and result.batch.count("done") == 7 and result.batch.done_before == 0
    arrays = [json.loads(path.read_text()) for path in (tmp_path / "state" / "batch" / "local").glob("*/array")]
    assert [array["count"] for array in arrays] == [2]
    folder = next((tmp_path / "state" / "jobs").iterdir())
    printed = "".join((folder / f"{index}.log").read_text() for index in range(2)).splitlines()
    assert sorted(printed) == [f"piece {number}" for number in range(7)]
    # each task's part of its pilot's log is its own
    told = [json.loads(line) for path in (tmp_path / "state" / "reports").iterdir() for line in path.open()]
    for record in (record for record in told if "params" in record):
        name, offset, length = record["log"]
        text = (tmp_path / "state" / name).read_bytes()
        assert text[offset : offset + length] == f"piece {record['params']['n']}\n".encode()


def test_a_pilot_reports_all_its_slices_to_one_segment(tmp_path: Path) -> None:
    pieces = [Piece(str(tmp_path), number) for number in range(9)]
    options = Options(batch="local", state=tmp_path / "state", workers=2, pilots=2)
    assert run(pieces, options, Silent()).exit_code == 0
    segments = [path.read_text().splitlines() for path in (tmp_path / "state" / "reports").iterdir()]
    told = [[json.loads(line) for line in lines] for lines in segments]
    executions = [[int(record["params"]["n"]) for record in records if "params" in record] for records in told]
    assert sorted(number for some in executions for number in some) == list(range(9))
    assert len(executions) <= 2
    # numbered in one sequence, and what they have in common written once
    for _, *records in told:
        assert [record["n"] for record in records] == list(range(1, len(records) + 1))
        digests = [record["digest"] for record in records if "fact" in record]
        assert len(digests) == len(set(digests))


def test_a_system_that_shares_no_folder_refuses_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEARER_TOKEN", "none")
    options = Options(batch="arc", state=tmp_path / "state", pilots=2, bundle="never")
    with pytest.raises(MartletError) as refused:
        run([Piece(str(tmp_path), 1)], options, Silent())
    said = refused.value.diagnostic.text()
    assert "its jobs cannot be pilots" in said and "leave out --pilots" in said and "--tasks-per-job" in said

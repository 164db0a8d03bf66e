"""What the summary shows of logs."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from martlet.running.result import Ending, ExitCode, FamilyCount, RunResult
from martlet.steering import log_end, summary


@pytest.fixture
def log(tmp_path: Path) -> Path:
    folder = tmp_path / "jobs" / "martlet-0123456789abcdef"
    folder.mkdir(parents=True)
    file = folder / "0.log"
    file.write_text("of another task\n" + "".join(f"line {n}\n" for n in range(20)))
    return file


def ending(log: Path, offset: int = 16, details: str = "") -> Ending:
    length = log.stat().st_size - offset
    return Ending(0, "A_1", "A(n=1)", "failed", "no luck", details, str(log), offset, length)


def test_the_last_lines_of_a_job_are_shown(log: Path) -> None:
    failed = RunResult(ExitCode.FAILED, (FamilyCount("A", failed=1),), (ending(log, details="Traceback …"),))
    text = summary.text(failed, io.StringIO())
    assert f"    log: {log}\n    | line 12\n" in text and "    | line 19\n" in text
    assert "line 11" not in text


def test_they_are_the_tasks_own(log: Path) -> None:
    assert log_end.lines(ending(log).replaced(log_offset=0, log_length=16)) == ["of another task"]


def test_of_a_worker_they_are_shown_where_nothing_else_tells(tmp_path: Path) -> None:
    file = tmp_path / "worker-1.log"
    file.write_text("the last word\x1b\n")
    assert log_end.lines(ending(file, 0)) == ["the last word?"]
    assert log_end.lines(ending(file, 0, details="Traceback …")) == []


def test_long_logs_are_not_read(log: Path) -> None:
    with open(log, "a") as file:
        file.write("x" * 3_000_000 + "\nlast\n")
    assert log_end.lines(ending(log))[-1] == "last"


def test_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    lost = Ending(0, "A_1", "A(n=1)", "failed", "no luck", log=str(tmp_path / "jobs" / "t" / "0.log"))
    assert log_end.lines(lost) == []

"""What tasks print is kept, and shown if asked."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import martlet
from martlet.running.build import run
from martlet.running.log_tail import LogTail
from martlet.running.options import Options
from martlet.running.reporter import Silent
from running.analysis import Talks, TalksAtLength
from running.runs import go, reports


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    """A handler that was made before the workers were forked, as an analysis makes one."""
    made = logging.StreamHandler(sys.stderr)
    logging.getLogger("talks").addHandler(made)
    yield
    logging.getLogger("talks").removeHandler(made)


class Listening(Silent):
    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def printed(self, title: str, line: str) -> None:
        self.lines.append((title, line))


def logs(tmp_path: Path) -> dict[str, tuple[str, str]]:
    """By task id: the name of the log's file, and the task's part of it."""
    found = {}
    for report in reports(tmp_path):
        name, offset, length = report["log"]
        path = tmp_path / "state" / name
        found[report["task"]] = path.name, path.read_bytes()[offset : offset + length].decode()
    return found


def expected(n: int) -> list[str]:
    return sorted([f"out {n}", f"err {n}", f"logged {n}", f"program {n}"])


class TestOwnLogs:
    def test_hold_one_task_alone(self, tmp_path: Path) -> None:
        apart, others = TalksAtLength(str(tmp_path), 9), [Talks(str(tmp_path), n) for n in range(4)]
        assert go([*others, apart], tmp_path, 2)
        found = logs(tmp_path)
        name, text = found[apart.task_id]
        assert name.startswith("task-") and sorted(text.splitlines()) == expected(9)
        for n, task in enumerate(others):
            name, text = found[task.task_id]
            assert name.startswith("worker-") and sorted(text.splitlines()) == expected(n)

    def test_are_named_when_the_process_is_lost(self, tmp_path: Path) -> None:
        task = TalksAtLength(str(tmp_path), 1, "ill")
        result = go([task], tmp_path, 2)
        assert "SIGKILL" in result.endings[0].cause
        assert Path(result.endings[0].log).name.startswith("task-")
        assert "program 1" in logs(tmp_path)[task.task_id][1]


class TestShownLogs:
    def test_every_line_comes_with_its_task(self, tmp_path: Path) -> None:
        tasks = [*(Talks(str(tmp_path), n) for n in range(5)), TalksAtLength(str(tmp_path), 7)]
        listening = Listening()
        assert go(tasks, tmp_path, 2, listening, show_logs=True)
        for task in tasks:
            assert sorted(line for title, line in listening.lines if title == repr(task)) == expected(task.n)
        assert len(listening.lines) == 4 * len(tasks)

    def test_not_unasked(self, tmp_path: Path) -> None:
        listening = Listening()
        assert go([Talks(str(tmp_path))], tmp_path, 2, listening)
        assert listening.lines == []

    def test_lines_are_whole(self, tmp_path: Path) -> None:
        told: list[tuple[int, str]] = []
        tail = LogTail(lambda task, line: told.append((task, line)))
        log = tmp_path / "worker-1.log"
        log.write_text("first\nsec")
        tail.look([], [(3, str(log))])
        assert told == [(3, "first")]
        log.write_text("first\nsecond\nthird of three\nother")
        tail.look([(3, str(log), 0, 28)], [(4, str(log))])
        log.write_text("first\nsecond\nthird of three\nother\n")
        tail.look([], [(4, str(log)), (5, str(tmp_path / "none"))])
        assert told == [(3, "first"), (3, "second"), (3, "third of three"), (4, "other")]


@pytest.mark.parametrize("apart", [False, True], ids=["both in one file", "stderr elsewhere"])
def test_in_the_driver_a_file_that_it_prints_to_keeps_it(tmp_path: Path, apart: bool) -> None:
    script = "import sys\nfrom running.test_logs import in_driver\nsys.exit(in_driver(sys.argv[1]))\n"
    path = f"{Path(martlet.__file__).parents[1]}:{Path(__file__).parents[1]}"
    with open(tmp_path / "out", "w") as out:
        out.write("before\n")
        out.flush()
        ended = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)], env={**os.environ, "PYTHONPATH": path}, stdout=out,
            stderr=subprocess.PIPE if apart else subprocess.STDOUT, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    found = logs(tmp_path)
    assert {name for name, _ in found.values()} == {"driver.log" if apart else "out"}
    for n, (_, text) in enumerate(found.values()):
        assert sorted(text.splitlines()) == expected(n)
    shown = (tmp_path / "out").read_text().splitlines()
    if apart:
        assert {*shown} == {"before", "not a task's", "out 0", "program 0", "out 1", "program 1"}
        assert ended.stderr.splitlines() == ["err 0", "logged 0", "err 1", "logged 1"]


def in_driver(folder: str) -> int:
    """Runs two tasks in this process."""
    tasks = [Talks(folder, n) for n in range(2)]
    print("not a task's")
    return int(run(tasks, Options(workers=1, state=Path(folder) / "state"), Silent()).exit_code)

"""Workers in which something was left are replaced; what ends them is told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import martlet
from martlet.running.result import ExitCode
from martlet.running.wear import allowance
from martlet.task import Task
from running.analysis import Crashes, Wears
from running.runs import go


def pids(tasks: list[Wears]) -> list[str]:
    return [task.output().open().read() for task in tasks]


class TestWear:
    @pytest.mark.parametrize(("what", "told"), [("memory", "left memory behind"), ("thread", "left a thread (")])
    def test_what_was_left_behind_costs_the_worker(self, tmp_path: Path, what: str, told: str) -> None:
        tasks = [Wears(str(tmp_path), n, what) for n in range(6)]
        result = go(tasks, tmp_path, 2, memory_per_worker=0.03)
        assert result.exit_code == ExitCode.OK and result.count("done") == 6
        # a few tiny tasks may stand in line behind the one that left something
        assert len(set(pids(tasks))) > 2
        assert len(result.notes) == 1 and told in result.notes[0]

    @pytest.mark.parametrize("what", ["nothing", "freed", "service"])
    def test_what_was_given_back_does_not(self, tmp_path: Path, what: str) -> None:
        tasks = [Wears(str(tmp_path), n, what) for n in range(6)]
        result = go(tasks, tmp_path, 2, memory_per_worker=0.03)
        assert result and len(set(pids(tasks))) <= 2 and not result.notes

    def test_the_driver_stays(self, tmp_path: Path) -> None:
        tasks = [Wears(str(tmp_path), n, "memory") for n in range(2)]
        assert go(tasks, tmp_path, workers=1, memory_per_worker=0.03)
        assert set(pids(tasks)) == {str(os.getpid())}
        Wears.kept.clear()

    def test_many_workers_have_less_room_each(self) -> None:
        assert allowance(0.5, 1) == 5e8
        assert allowance(None, 10**6) < allowance(None, 1) <= 2e9


class TestCrashes:
    def test_a_crash_in_compiled_code_shows_where(self, tmp_path: Path) -> None:
        class Careless(Crashes):
            pass

        result = go([Careless("crash")], tmp_path, 2)
        assert "SIGSEGV" in result.endings[0].cause
        log = Path(result.endings[0].log).read_text()
        assert "Segmentation fault" in log and "troubles.py" in log

    @pytest.mark.parametrize(("how", "code"), [("exit", 7), ("child exits", 0)])
    def test_a_task_that_ends_the_driver_is_named(self, tmp_path: Path, how: str, code: int) -> None:
        script = (
            "import sys\nfrom running.test_wear import in_driver\nsys.exit(in_driver(*sys.argv[1:]))\n"
        )
        path = f"{Path(martlet.__file__).parents[1]}:{Path(__file__).parents[1]}"
        ended = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path), how],
            env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert ended.returncode == code, ended.stderr
        assert ("Crashes(how=exit) called os._exit(7)" in ended.stderr) == (how == "exit")
        assert ended.stderr.count("os._exit") <= 1


def in_driver(folder: str, how: str) -> int:
    """Runs a task in this process."""
    before = os._exit
    task: Task = Crashes(how)
    code = int(go([task], Path(folder), workers=1).exit_code)
    assert os._exit is before
    return code

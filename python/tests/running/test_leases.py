"""Several drivers at work on the same analysis at the same time: each task is run once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import martlet
from martlet.running.build import history, plan
from martlet.running.options import Options
from martlet.running.reporter import Silent
from martlet.steering.explain import Explanation
from running.units import Unit
from running.waiting import PATIENCE, until

TESTS = Path(__file__).parent.parent


class Drivers:
    """Driver processes over one folder and one state directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[str]] = []

    def start(self, family: str, options: dict[str, Any] | None = None, **parameters: Any) -> subprocess.Popen[str]:
        arguments = [family, json.dumps({"folder": str(self.folder), **parameters})]
        arguments.append(json.dumps({"state": str(self.folder / "state"), **(options or {})}))
        process = subprocess.Popen(
            [sys.executable, "-m", "running.driver", *arguments],
            cwd=TESTS,
            env={**os.environ, "PYTHONPATH": f"{Path(martlet.__file__).parents[1]}{os.pathsep}{TESTS}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    def lines(self, word: str) -> list[tuple[str, int]]:
        """(task, pid of its driver) of each line of the log that begins with `word`."""
        log = self.folder / "log"
        text = log.read_text().splitlines() if log.exists() else []
        return [(line.split()[1], int(line.split()[2])) for line in text if line.startswith(word)]

    def counts(self, word: str = "begin") -> Counter[str]:
        return Counter(task for task, _ in self.lines(word))

    def claims(self) -> list[str]:
        folder = self.folder / "state" / "leases"
        return sorted(file.name for file in folder.glob("*.claims")) if folder.exists() else []


@pytest.fixture
def drivers(tmp_path: Path) -> Iterator[Drivers]:
    made = Drivers(tmp_path)
    yield made
    made.end()


def result(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    answer: dict[str, Any] = json.loads(out.splitlines()[-1])
    return {**answer, "told": err}


KINDS = ["local", "shared"]


@pytest.mark.parametrize("kind", KINDS)
class TestTogether:
    """What holds whatever the file system."""

    @staticmethod
    def options(kind: str, **more: Any) -> dict[str, Any]:
        return {"leases": kind, "lease_timeout": 3, **more}

    @pytest.mark.parametrize("workers", [1, 2])
    def test_each_task_is_run_once(self, drivers: Drivers, kind: str, workers: int) -> None:
        runs = [
            drivers.start("Units", self.options(kind, workers=workers), count=200, seconds=0.002) for _ in range(3)
        ]
        results = [result(run) for run in runs]
        assert set(drivers.counts().values()) == {1}
        assert len(drivers.counts()) == 201
        assert sum(one["done"] for one in results) == 201
        assert drivers.claims() == []

    def test_a_task_without_outputs_is_run_once(self, drivers: Drivers, kind: str) -> None:
        first = drivers.start("Traceless", self.options(kind), seconds=2.0)
        until(lambda: drivers.lines("begin"))
        second = drivers.start("Traceless", self.options(kind), seconds=2.0)
        assert result(first)["done"] == 1
        told = result(second)
        assert told["done"] == 0 and told["present"] == 1
        assert f"(pid {first.pid} on " in told["notes"][0]
        assert drivers.counts() == {"traceless": 1}

    def test_a_busy_task_keeps_its_lease_and_who_waits_says_for_whom(self, drivers: Drivers, kind: str) -> None:
        options = self.options(kind)
        first = drivers.start("Unit", options, n=1, seconds=5.0)
        until(lambda: drivers.lines("begin"))
        second = drivers.start("Unit", options, n=1, seconds=5.0)
        assert result(first)["done"] == 1
        told = result(second)
        assert told["present"] == 1
        assert f"waiting for a task that another run is at work on: pid {first.pid} on " in told["told"]
        assert drivers.counts() == {"1": 1}

    @pytest.mark.parametrize("workers", [1, 2])
    def test_what_a_killed_driver_held_is_done_by_the_others(self, drivers: Drivers, kind: str, workers: int) -> None:
        options = self.options(kind, workers=workers)
        runs = [drivers.start("Units", options, count=60, seconds=0.05) for _ in range(3)]
        # not each of them need get a task before all are claimed
        until(lambda: drivers.lines("begin"))
        victim = next(run for run in runs if run.pid == drivers.lines("begin")[0][1])
        os.kill(victim.pid, signal.SIGKILL)
        for run in runs:
            if run is not victim:
                result(run)
        assert all((drivers.folder / f"unit-{n}").exists() for n in range(60))
        assert set(drivers.counts("end").values()) == {1}
        # what the victim had begun is begun once more, nothing else is
        assert sum(drivers.counts().values()) - len(drivers.counts()) <= workers

    def test_what_a_killed_driver_left_is_taken_over_while_another_waits(self, drivers: Drivers, kind: str) -> None:
        options = self.options(kind)
        first = drivers.start("Unit", options, n=1, seconds=600.0)
        until(lambda: drivers.lines("begin"))
        second = drivers.start("Unit", {**options}, n=1, seconds=600.0)
        os.kill(first.pid, signal.SIGKILL)
        until(lambda: len(drivers.lines("begin")) == 2)
        assert [pid for _, pid in drivers.lines("begin")] == [first.pid, second.pid]

    def test_explain_says_who_is_at_work_on_a_task(self, drivers: Drivers, kind: str) -> None:
        driver = drivers.start("Unit", self.options(kind), n=1, seconds=600.0)
        until(lambda: drivers.lines("begin"))
        options = Options(state=drivers.folder / "state")
        units = [Unit(folder=str(drivers.folder), n=n, seconds=600.0) for n in range(2)]
        explanation = Explanation(plan(units, options, Silent()), ["Unit"], lambda names: history(options, names))
        free, held = json.loads(explanation.json())
        assert "held" not in free
        assert held["held"]["pid"] == driver.pid and held["held"]["started"]
        assert f"{held['held']['run']}.claims" in drivers.claims()
        assert ("silence" in held["held"]) == (kind == "shared")
        title, running, verdict = explanation.text().split("\n\n")[1].splitlines()
        assert running.startswith(f"  running now on {held['held']['host']}, pid {driver.pid}, since ")
        assert verdict.startswith("  a run that is started now waits for that: ")

    def test_an_interrupt_ends_the_wait(self, drivers: Drivers, kind: str) -> None:
        drivers.start("Unit", self.options(kind), n=1, seconds=600.0)
        until(lambda: drivers.lines("begin"))
        waiting = drivers.start("Unit", self.options(kind), n=1, seconds=600.0)
        until(lambda: len(drivers.claims()) == 2)
        time.sleep(0.5)  # by now it most often waits; one that is planning still ends in the same way
        waiting.send_signal(signal.SIGINT)
        waiting.communicate(timeout=PATIENCE)
        assert waiting.returncode == 130
        assert len(drivers.lines("begin")) == 1


@pytest.mark.parametrize("workers", [1, 3])
def test_a_run_within_a_task_waits_for_nobody_who_waits_for_it(drivers: Drivers, workers: int) -> None:
    outer = drivers.start("Nesters", {"workers": workers}, count=3)
    result(outer)
    counts = drivers.counts()
    assert counts.pop("all") == counts.pop("nester-0") == counts.pop("nester-1") == 1
    assert set(counts) == {"0", "1", "2"}
    # with one worker the outer run may have claimed unit 1 ahead of the task that makes it
    assert counts["0"] == counts["2"] == 1 and counts["1"] <= (2 if workers == 1 else 1)

"""What the user's code does is its task's fault: the others are made, the run ends, the cause is told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from faults.area import PACKAGES
from faults.processes import marked

pytestmark = pytest.mark.e2e

SCRIPT = Path(__file__).with_name("user_faults.py")
CAUSES = {
    "requires": "requires() raises",
    "output": "output() raises",
    "complete": "complete() raises",
    "raise": "run() raises",
    "import": "no_such_module_of_the_user",
    "exit": "SystemExit",
    "recurse": "RecursionError",
    "leave": "exit status 7",
    "null": "SIGSEGV",
    "abort": "SIGABRT",
    "poison": "SIGKILL",
}
ENDS_THE_PROCESS = ("leave", "null", "abort", "poison")


def _run(folder: Path, *words: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    mark = f"user-faults-{folder}"
    done = subprocess.run(
        [sys.executable, "-m", "martlet", "run", SCRIPT, *words],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": PACKAGES,
            "MARTLET_STATE": str(folder / "state"),
            "FAULTS_MARK": mark,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert marked(f"FAULTS_MARK={mark}") == {}
    return done


@pytest.mark.parametrize(
    ("how", "workers"),
    [(how, n) for how in CAUSES for n in (1, 2) if n > 1 or how not in ENDS_THE_PROCESS],
)
def test_the_fault_is_the_tasks(tmp_path: Path, how: str, workers: int) -> None:
    done = _run(tmp_path, "All", "--how", how, "--workers", str(workers))
    assert done.returncode in (1, 4), done.stderr
    assert CAUSES[how] in done.stderr
    assert f"(how={how})" in done.stderr
    assert len(list(tmp_path.glob("good-*"))) == 12
    assert not (tmp_path / f"bad-{how}").exists()


@pytest.mark.parametrize("how", ENDS_THE_PROCESS)
def test_in_a_process_of_its_own_it_spares_the_driver(tmp_path: Path, how: str) -> None:
    done = _run(tmp_path, "All", "--how", how, "--alone", "--workers", "1")
    assert done.returncode == 1, done.stderr
    assert CAUSES[how] in done.stderr
    assert len(list(tmp_path.glob("good-*"))) == 12


@pytest.mark.parametrize("how", ENDS_THE_PROCESS)
def test_in_the_driver_it_ends_the_run_and_the_next_one_goes_on(tmp_path: Path, how: str) -> None:
    first = _run(tmp_path, "All", "--how", how, "--workers", "1")
    assert first.returncode != 0
    assert not (tmp_path / f"bad-{how}").exists()
    assert _run(tmp_path, "All", "--how", "thread", "--workers", "1").returncode == 0
    assert len(list(tmp_path.glob("good-*"))) == 12


@pytest.mark.parametrize("workers", [1, 2])
def test_a_thread_that_is_left_behind_holds_nothing_up(tmp_path: Path, workers: int) -> None:
    done = _run(tmp_path, "All", "--how", "thread", "--workers", str(workers))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("workers", [1, 2])
def test_thousands_of_failures_are_told_in_few_lines(tmp_path: Path, workers: int) -> None:
    done = _run(tmp_path, "Failures", "--count", "3000", "--workers", str(workers), "--quiet", timeout=300)
    assert done.returncode == 1
    assert "3000" in done.stderr and "no events in file" in done.stderr
    assert len(done.stderr.splitlines()) < 60
    (segment,) = (tmp_path / "state" / "reports").iterdir()
    assert segment.read_text().count('"state":"failed"') == 3000

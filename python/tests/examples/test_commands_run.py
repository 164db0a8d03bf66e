"""The example of commands as its users run it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import martlet

EXAMPLE = Path(__file__).parents[3] / "examples" / "commands"

pytestmark = pytest.mark.skipif(shutil.which("c++") is None, reason="NO C++ COMPILER: the example is not run")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copied = tmp_path / "commands"
    shutil.copytree(EXAMPLE, copied, ignore=shutil.ignore_patterns("results", ".martlet", "__pycache__"))
    return copied


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    paths = [str(Path(martlet.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return subprocess.run(
        [sys.executable, "-m", "martlet", "run", "toys.py", *words, "--state", str(folder / ".martlet")],
        cwd=folder, env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def test_finds_the_resonance(folder: Path) -> None:
    done = run(folder, "Peak", "--files", "3", "--workers", "2")
    assert done.returncode == 0, done.stderr
    count, _, _, low, _, high, _ = (folder / "results" / "peak-3.txt").read_text().split()
    assert int(low) <= 125 <= int(high) and int(count) > 1000
    total = sum(int(line.split()[0]) for line in (folder / "results" / "spectrum-3.txt").read_text().splitlines())
    assert total == 30_000


def test_a_dry_run_shows_the_commands(folder: Path) -> None:
    shown = run(folder, "Peak", "--files", "1", "-n").stdout
    assert "$ c++ -std=c++17 -O2 -o results/toys toys.cpp" in shown
    assert "$ results/toys 1 10000 results/toys-1-10000.txt" in shown
    assert not (folder / "results").exists()


def test_a_failure_is_told_in_the_tasks_words(folder: Path) -> None:
    done = run(folder, "Toys", "--seed", "1", "--events", "0")
    assert done.returncode == 1
    assert "exit status 3: the number of events makes no sense" in done.stderr
    assert "toys: EVENTS must be positive, not 0" in done.stderr, "the last lines of its log"
    assert [path.name for path in (folder / "results").iterdir()] == ["toys"]

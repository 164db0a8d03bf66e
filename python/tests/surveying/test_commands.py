"""`martlet deps|outputs|remove|fetch|gc SCRIPT TASK`, and law's flags, as a user types them."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import martlet
from martlet.running.result import ExitCode

HERE = Path(__file__).parent
PACKAGE = Path(martlet.__file__).resolve().parents[1]

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MARTLET_", "XDG_"))}
    return {**kept, "PYTHONPATH": str(PACKAGE), "MARTLET_STATE": str(folder / "state"), "TERM": "dumb"}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `martlet …` without a terminal, in a folder in which `reco.py` has made its outputs."""

    def martlet(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "martlet", *words],
            cwd=tmp_path, env=environment(tmp_path), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip

    shutil.copy(HERE / "analysis.py", tmp_path / "reco.py")
    (tmp_path / "raw.txt").write_text("raw")
    assert martlet("run", "reco.py", "Plots", "--count", "2").returncode == 0
    return martlet


def with_terminal(folder: Path, answer: str, *words: str) -> tuple[int, str]:
    """The same on a terminal, on which a question is answered once it is asked."""
    pid, here = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(sys.executable, [sys.executable, "-m", "martlet", *words], environment(folder))
    text, answered, deadline = "", False, time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            piece = os.read(here, 4096).decode()
        except OSError:
            break
        if not piece:
            break
        text += piece
        if not answered and "/N" in text and text.rstrip().endswith("]"):
            os.write(here, answer.encode())
            answered = True
    os.close(here)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), text


def test_trees(run: Run) -> None:
    outputs = run("outputs", "reco.py", "Plots", "--count", "2").stdout
    assert "    Events × 2: 2 of 2 there, 16 bytes, in out/events" in outputs
    assert "Raw" not in run("deps", "reco.py", "Plots", "--count", "2", "--depth", "1").stdout
    told = json.loads(run("run", "reco.py", "Plots", "--count", "2", "--print-output", "-1", "--json").stdout)
    assert {one["family"] for one in told} == {"Plots", "Merged", "Events", "Raw"}
    assert told[1]["outputs"][0]["size"] == len("merged")


def test_what_would_run_is_estimated_from_what_ran(run: Run) -> None:
    words = ("run", "reco.py", "Plots", "--count", "2", "--estimate")
    assert run(*words).stdout == "Nothing would run\n"
    run("remove", "reco.py", "Plots", "--count", "2", "--depth", "-1", "--yes")
    told = run(*words, "--workers", "2").stdout.splitlines()
    assert told[0] == "4 tasks would run"
    assert {line.split(":")[0].strip() for line in told[1:]} == {
        "Events", "Merged", "Plots", "processor time", "disk", "time, 2 at a time",
    }  # fmt: skip
    found = json.loads(run(*words, "--json").stdout)
    assert {one["family"]: one["tasks"] for one in found["families"]} == {"Plots": 1, "Merged": 1, "Events": 2}
    assert found["bytes"]["expected"] >= 2 * len("events 0") + len("merged")


def test_a_dry_run_of_removing_stale_outputs_lists_stale_ones_alone(run: Run) -> None:
    words = ("remove", "reco.py", "Plots", "--count", "2", "--depth", "-1", "-n", "--mode")
    assert "To be removed: 4 outputs" in run(*words, "all").stdout
    assert "To be removed: 0 outputs" in run(*words, "stale").stdout


def test_a_depth_that_is_none(run: Run) -> None:
    ended = run("run", "reco.py", "Plots", "--print-status", "1|2")
    assert ended.returncode == ExitCode.USAGE and "--print-status" in ended.stderr


def test_without_a_terminal_nothing_is_removed(run: Run, tmp_path: Path) -> None:
    ended = run("remove", "reco.py", "Plots", "--count", "2", "--depth", "-1")
    assert ended.returncode == ExitCode.USAGE and "no terminal" in ended.stderr
    assert "To be removed: 4 outputs" in ended.stdout and (tmp_path / "out/merged.txt").exists()
    assert run("remove", "reco.py", "Plots", "--count", "2", "--depth", "-1", "-n").returncode == 0
    assert (tmp_path / "out/merged.txt").exists()


def test_removed_where_that_is_said(run: Run, tmp_path: Path) -> None:
    ended = run("remove", "reco.py", "Plots", "--count", "2", "--depth", "-1", "--yes")
    assert ended.returncode == 0 and "Removed 4 of 4" in ended.stderr and "Raw()" in ended.stderr
    assert (tmp_path / "raw.txt").exists() and not list((tmp_path / "out/events").iterdir())


def test_law_s_way_removes_and_runs(run: Run, tmp_path: Path) -> None:
    before = (tmp_path / "out/merged.txt").stat().st_ino
    ended = run("run", "reco.py", "Plots", "--count", "2", "--remove-output", "-1,a,y")
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "out/merged.txt").stat().st_ino != before or "4 tasks ran" in ended.stderr


@pytest.mark.parametrize(("answer", "code", "is_there"), [("y\n", 0, False), ("n\n", 1, True), ("\x03", 130, True)])
def test_answers(run: Run, tmp_path: Path, answer: str, code: int, is_there: bool) -> None:
    ended, text = with_terminal(tmp_path, answer, "remove", "reco.py", "Merged", "--count", "2")
    assert (ended, (tmp_path / "out/merged.txt").exists()) == (code, is_there), text
    assert ("Nothing was removed" in text) == is_there


def test_all_the_rest(run: Run, tmp_path: Path) -> None:
    words = ("remove", "reco.py", "Plots", "--count", "2", "--depth", "-1", "--mode", "interactive")
    ended, text = with_terminal(tmp_path, "all\n", *words)
    assert ended == 0 and "Removed 4 of 4" in text


def test_stale_ones_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "out/events/0.txt").unlink()
    assert run("run", "reco.py", "Events", "--number", "0").returncode == 0
    ended = run("remove", "reco.py", "Merged", "--count", "2", "--depth", "-1", "--mode", "stale", "--yes")
    assert "Removed 1 of 1" in ended.stderr
    assert (tmp_path / "out/events/0.txt").exists() and not (tmp_path / "out/merged.txt").exists()


def test_another_run_at_work(run: Run, tmp_path: Path) -> None:
    script = tmp_path / "slow.py"
    script.write_text(
        "import martlet, os, sys\n"
        "class Slow(martlet.Task):\n"
        "    def output(self):\n        return martlet.LocalTarget('slow/a.txt')\n"
        "    def run(self):\n"
        "        self.output().dump('a', 'txt')\n"
        "        os.read(os.open('go', os.O_RDONLY), 1)\n"
    )
    os.mkfifo(tmp_path / "go")
    words = [sys.executable, "-m", "martlet", "run", "slow.py", "Slow"]
    with subprocess.Popen(words, cwd=tmp_path, env=environment(tmp_path), stderr=subprocess.DEVNULL) as driver:
        go = os.open(tmp_path / "go", os.O_WRONLY)  # opens when the task has come so far
        try:
            ended = run("remove", "slow.py", "Slow", "--yes")
        finally:
            os.write(go, b".")
            os.close(go)
        assert driver.wait(timeout=60) == 0
    assert "Kept: outputs of Slow(): running now" in ended.stderr and (tmp_path / "slow/a.txt").exists()


def test_fetched(run: Run, tmp_path: Path) -> None:
    words = ("fetch", "reco.py", "Plots", "--count", "2", "--depth", "-1", "--to", "got")
    assert "Fetched 5 files" in run(*words).stderr
    assert "5 were there already" in run(*words).stderr
    assert not (tmp_path / "got/raw.txt").exists()
    assert run("fetch", "reco.py", "Plots").returncode == ExitCode.USAGE


def test_swept_after_a_question(run: Run, tmp_path: Path) -> None:
    waste = tmp_path / "out/events/old.txt"
    waste.write_text("old")
    os.utime(waste, (1, 1))
    words = ("gc", "reco.py", "Plots", "--count", "2")
    assert run(*words).returncode == ExitCode.USAGE and waste.exists()
    assert with_terminal(tmp_path, "n\n", *words)[0] == ExitCode.FAILED and waste.exists()
    assert run(*words, "--below", "nowhere").returncode == ExitCode.USAGE
    assert with_terminal(tmp_path, "y\n", *words)[0] == 0 and not waste.exists()


def test_a_store_that_does_not_answer_loses_nothing(run: Run) -> None:
    there = ("--store", "results=davs://127.0.0.1:1/nowhere")
    removed = run("remove", "reco.py", "Events", "--number", "0", "--yes", *there)
    assert removed.returncode == ExitCode.BROKEN and "could not be looked at" in removed.stderr
    swept = run("gc", "reco.py", "Events", "--number", "0", "--yes", *there)
    assert swept.returncode != 0 and "nothing was removed" in swept.stderr

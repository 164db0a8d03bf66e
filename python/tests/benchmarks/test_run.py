"""The benchmarks themselves, at sizes that take no time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from benchmarks.machine import reachable

from benchmarks import room
from clean_environments import ROOT

PEERS = ["bare", "bare-os", "martlet", "martlet-2", "pool", "make"]


def run(out: Path, *arguments: str, first: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command, with the programs of a folder before those of the machine."""
    command = [sys.executable, "-m", "benchmarks", "--rounds", "1", "--out", str(out), *arguments]
    environment = {**os.environ, "PATH": f"{first}:{os.environ['PATH']}"} if first else None
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)


def measured(out: Path, *arguments: str) -> dict[str, list[dict[str, Any]]]:
    finished = run(out, *arguments)
    assert finished.returncode == 0, finished.stderr
    found: dict[str, list[dict[str, Any]]] = json.loads(out.read_text())["benchmarks"]
    return found


def stand_in_for_make(folder: Path, script: str) -> Path:
    """A folder with a program that is called make."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / "make").write_text(f"#!/bin/sh\n{script}\n")
    (programs / "make").chmod(0o755)
    return programs


def test_every_graph_and_state(tmp_path: Path) -> None:
    if not reachable("make"):
        pytest.skip("GNU make is not installed: apt-get install make")
    names = ["fan", "chain", "complete", "half", "commands", "dispatch", "objects"]
    found = measured(tmp_path / "out.json", "--bench", *names, "--n", "8", "--peers", *PEERS)
    assert list(found) == names
    for name, series in found.items():
        for one in series:
            (sample,) = one["samples"]
            assert sample["cpu"] > 0, (name, one["peer"])
            assert sample["wall"] > 0
    assert {one["peer"] for one in found["fan"]} == set(PEERS)
    assert all(one["samples"][0]["extra"]["window"] > 0 for one in found["dispatch"])
    assert all(one["samples"][0]["extra"]["new"] > 0 for one in found["objects"])


def test_start_up(tmp_path: Path) -> None:
    peers = ["bare", "martlet"]
    bare, martlet = measured(tmp_path / "out.json", "--bench", "start", "--peers", *peers)["start"]
    assert martlet["samples"][0]["cpu"] > bare["samples"][0]["cpu"]


def test_memory_and_cpu_are_those_of_the_whole_tree(tmp_path: Path) -> None:
    work = "import time; x = bytearray(60_000_000); t = time.process_time()\nwhile time.process_time() < t + 0.3: pass"
    (tmp_path / "work.py").write_text(work + "\ntime.sleep(0.5)\n")
    script = f"""case $* in *version*) echo stand-in; exit ;; esac
touch files/file-nominal-0 files/file-nominal-1 files/all-nominal-0
({sys.executable} {tmp_path}/work.py; true) &
{sys.executable} {tmp_path}/work.py
"""
    arguments = ["--bench", "fan", "--n", "2", "--peers", "make"]
    finished = run(tmp_path / "out.json", *arguments, first=stand_in_for_make(tmp_path, script))
    assert finished.returncode == 0, finished.stderr
    (series,) = json.loads((tmp_path / "out.json").read_text())["benchmarks"]["fan"]
    (sample,) = series["samples"]
    assert sample["cpu"] > 0.6, "of the child, and of the one that is left behind"
    assert sample["peak"] > 100_000_000, "of both"


def test_a_peer_that_fails_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    script = 'case "$*" in *version*) echo stand-in ;; *) echo no such luck >&2; exit 3 ;; esac'
    out = tmp_path / "out.json"
    arguments = ["--bench", "fan", "--n", "3", "--peers", "make", "bare"]
    finished = run(out, *arguments, first=stand_in_for_make(tmp_path, script))
    assert finished.returncode == 1
    assert "no such luck" in finished.stderr
    bare, make = json.loads(out.read_text())["benchmarks"]["fan"]
    assert (len(bare["samples"]), make["samples"]) == (1, [])
    assert "no such luck" in finished.stdout, "the table says it too"


def test_a_peer_that_makes_nothing_is_not_believed(tmp_path: Path) -> None:
    arguments = ["--bench", "fan", "--n", "3", "--peers", "make"]
    finished = run(tmp_path / "out.json", *arguments, first=stand_in_for_make(tmp_path, "echo stand-in"))
    assert finished.returncode == 1
    assert "make left 0 files where 4 were to be made" in finished.stderr


def test_a_peer_that_hangs_is_ended_with_all_its_processes(tmp_path: Path) -> None:
    script = f"case $* in *version*) echo stand-in ;; *) sleep 987 & echo $! > {tmp_path}/pid; wait ;; esac"
    arguments = ["--bench", "fan", "--n", "3", "--peers", "make", "--limit", "1"]
    finished = run(tmp_path / "out.json", *arguments, first=stand_in_for_make(tmp_path, script))
    assert finished.returncode == 1
    assert "it took more than 1 s" in finished.stderr
    assert not Path("/proc", (tmp_path / "pid").read_text().strip()).exists()


def test_no_room_is_said(tmp_path: Path) -> None:
    assert room.lacking(str(tmp_path), 1) == ""
    assert "are needed" in room.lacking(str(tmp_path), 10**10)


def test_a_profile_shows_the_tasks_own_lines() -> None:
    command = [sys.executable, "-m", "benchmarks.profile", "fan", "3000"]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert finished.returncode == 0, finished.stderr
    assert "martlet.py Node.run" in finished.stdout
    assert "µs of CPU a task" in finished.stdout

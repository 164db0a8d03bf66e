"""The demo with its results elsewhere: the same tasks, another line in martlet.toml."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import places
from storage.places import Place

EXAMPLE = Path(__file__).parents[3] / "examples" / "tth"
WORDS = ("Histograms", "--dataset", "ttH125", "--shift", "JER_up", "--size", "0.1")
"""A file of histograms, with the ten files of events, selections and reconstruction that it takes."""
MADE = 10

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(importlib.util.find_spec("uproot") is None, reason="uproot is missing: install martlet[hep]"),
]


@pytest.fixture(scope="module", params=places.PLACES, ids=[place.__name__ for place in places.PLACES])
def server(request: pytest.FixtureRequest) -> Iterator[Place]:
    with places.opened(request.param) as found:
        yield found


@pytest.fixture
def place(server: Place, request: pytest.FixtureRequest) -> Place:
    return server.within(request.function.__name__)


@pytest.fixture
def project(place: Place, tmp_path: Path) -> Path:
    folder = tmp_path / "tth"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("results", "__pycache__", ".martlet"))
    lines = [f"{name} = {json.dumps(value)}" for name, value in place.lines.items()]
    (folder / "martlet.toml").write_text("\n".join(["[stores.results]", *lines, ""]))
    return folder


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "martlet", "run", "tth.py", *WORDS, "--workers", "2", *words]


def run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*words), cwd=project, capture_output=True, text=True, timeout=600)


def test_the_demo_lies_where_one_line_says(place: Place, project: Path) -> None:
    done = run(project)
    assert done.returncode == 0, done.stderr
    assert f"{MADE} tasks ran" in done.stderr
    assert len(place.results) == MADE == len(place.names())
    assert not (project / "results").exists()
    again = run(project)
    assert again.returncode == 0 and "Nothing to do" in again.stderr


def test_killed_in_the_middle_it_goes_on(place: Place, project: Path) -> None:
    driver = subprocess.Popen(command(), cwd=project, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 300
    while len(place.results) < MADE // 2:
        assert driver.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(driver.pid, 9)
    driver.wait()
    there = len(place.results)
    done = run(project)
    assert done.returncode == 0, done.stderr
    assert len(place.results) == MADE
    assert "10 tasks ran" not in done.stderr and there >= MADE // 2

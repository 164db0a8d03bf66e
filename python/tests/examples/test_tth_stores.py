"""The demo with its results elsewhere: the same tasks, another line in martlet.toml."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

EXAMPLE = Path(__file__).parents[3] / "examples" / "tth"
WORDS = ("Histograms", "--dataset", "ttH125", "--shift", "JER_up", "--size", "0.1")
"""A file of histograms, with the ten files of events, selections and reconstruction that it takes."""
MADE = 10

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(importlib.util.find_spec("uproot") is None, reason="uproot is missing: install martlet[hep]"),
]


class Place:
    """Somewhere for results: what martlet.toml says of it, and how to count what is there."""

    def __init__(self, lines: dict[str, Any], names: Callable[[], list[str]]) -> None:
        self.lines = lines
        self.names = names

    def within(self, folder: str) -> Place:
        """A folder of it for one test alone."""
        lines = {**self.lines, "url": f"{self.lines['url']}/{folder}"}
        return Place(lines, lambda: [name for name in self.names() if f"{folder}/" in name])

    @property
    def results(self) -> list[str]:
        """What has a name of its own, which temporary files have not."""
        return [name for name in self.names() if not name.rpartition("/")[2].startswith(".")]


def _files(folder: Path) -> Callable[[], list[str]]:
    return lambda: [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


@contextmanager
def a_folder(folder: Path) -> Iterator[Place]:
    yield Place({"url": str(folder / "results")}, _files(folder / "results"))


@contextmanager
def webdav(folder: Path) -> Iterator[Place]:
    from storage.webdav_server import TOKEN, webdav_server

    with webdav_server(folder) as server:
        (folder / "token").write_text(TOKEN)
        lines = {"token_file": str(folder / "token"), "ca": str(server.certificates.authority)}
        yield Place({"url": f"{server.bearer}/tth", **lines}, _files(server.data))


@contextmanager
def xrootd(folder: Path) -> Iterator[Place]:
    from storage.servers.xrootd import serving

    with serving(folder) as servers:
        yield Place({"url": f"{servers['anonymous'].url}/tth"}, _files(servers["anonymous"].data))


@contextmanager
def s3(folder: Path) -> Iterator[Place]:
    s3_server: Any = pytest.importorskip("storage.s3_server")
    with s3_server.s3_server(folder) as server:
        bucket = server.make_bucket()

        def keys() -> list[str]:
            return [found["Key"] for found in server.client().list_objects_v2(Bucket=bucket).get("Contents", [])]

        yield Place({"url": f"s3://{bucket}/tth", **server.options}, keys)


PLACES = (a_folder, webdav, xrootd, s3)


@pytest.fixture(scope="module", params=PLACES, ids=[place.__name__ for place in PLACES])
def server(request: pytest.FixtureRequest) -> Iterator[Place]:
    # not pytest's folder, which it keeps to us: servers drop their rights, and must get through to their files
    with TemporaryDirectory(prefix="martlet-server-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        with request.param(folder) as found:
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

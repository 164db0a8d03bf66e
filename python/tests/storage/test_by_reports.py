"""An analysis whose results lie in a slow store: by reports its plan asks the store nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import webdav_server
from storage.servers.proxy import Proxy
from storage.webdav_server import WebDAVServer

pytestmark = pytest.mark.e2e
LATENCY = 0.025
"""Seconds, one way: 50 ms there and back."""
EXAMPLE = Path(__file__).parents[3] / "examples" / "tth"

SCRIPT = """
import martlet

store = martlet.store("results")


class Selection(martlet.Task):
    number = martlet.IntParameter()

    def output(self):
        return store.target("selection", f"{self.number}.txt")

    def run(self):
        with self.output().open("w") as file:
            file.write(str(self.number))


class Fit(martlet.Task):
    def requires(self):
        return [Selection(number=number) for number in range(30)]

    def output(self):
        return store.target("fit.txt")

    def run(self):
        with self.output().open("w") as file:
            file.write(str(len(self.input())))


if __name__ == "__main__":
    martlet.run()
"""


@pytest.fixture(scope="module")
def server() -> Iterator[WebDAVServer]:
    # pytest's own folders are closed to the user that the server runs as
    with (
        tempfile.TemporaryDirectory(prefix="martlet-webdav-") as folder,
        webdav_server.webdav_server(Path(folder)) as running,
    ):
        yield running


@pytest.fixture
def proxy(server: WebDAVServer) -> Iterator[Proxy]:
    with Proxy(server.port, LATENCY) as running:
        yield running


def run(folder: Path, proxy: Proxy, script: Path, *words: str) -> str:
    """What a run says. Its store is behind the proxy."""
    place = f"results=http://localhost:{proxy.port}/dav/{folder.name}"
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache"), "MARTLET_STATE": str(folder / "state")}
    done = subprocess.run(
        [sys.executable, "-m", "martlet", "run", str(script), *words, "--store", place],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout if "--json" in words else done.stdout + done.stderr


def test_a_plan_by_reports_sends_nothing(tmp_path: Path, proxy: Proxy) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    assert "31 tasks ran" in run(tmp_path, proxy, script, "Fit")
    before = proxy.counts()
    assert before["up"] > 0
    for words in (("--dry-run",), (), ("--status",)):
        told = run(tmp_path, proxy, script, "Fit", "--complete-by", "reports", *words)
        assert "Nothing to do" in told or "nothing has changed" in told
    assert proxy.counts() == before
    # by targets the same question costs the store's answers
    assert "Nothing to do" in run(tmp_path, proxy, script, "Fit")
    assert proxy.counts()["up"] > before["up"]


def test_both_asks_the_store_and_tells_what_is_gone(tmp_path: Path, proxy: Proxy, server: WebDAVServer) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    run(tmp_path, proxy, script, "Fit")
    (server.data / tmp_path.name / "selection" / "7.txt").unlink()
    told = run(tmp_path, proxy, script, "Fit", "--complete-by", "both", "--dry-run")
    assert "reports say done, and outputs are gone: Selection(number=7)" in told and "made again" in told
    assert "2 tasks ran" in run(tmp_path, proxy, script, "Fit", "--complete-by", "both")


def test_a_store_says_that_its_tasks_are_complete_by_reports(tmp_path: Path, proxy: Proxy) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    (tmp_path / "martlet.toml").write_text('[stores.results]\nurl = "/nowhere"\ncomplete_by = "reports"\n')
    run(tmp_path, proxy, script, "Fit")
    before = proxy.counts()
    assert "Nothing to do" in run(tmp_path, proxy, script, "Fit")
    assert proxy.counts() == before


def test_the_demo_plans_by_reports_without_its_store(tmp_path: Path, proxy: Proxy) -> None:
    pytest.importorskip("uproot", reason="install martlet[hep]")
    words = ("Histograms", "--dataset", "ttH125", "--size", "0.02", "--workers", "2", "--complete-by", "reports")
    assert "tasks ran" in run(tmp_path, proxy, EXAMPLE / "tth.py", *words)
    before = proxy.counts()
    assert before["up"] > 0
    assert "Nothing to do" in run(tmp_path, proxy, EXAMPLE / "tth.py", *words)
    told = json.loads(run(tmp_path, proxy, EXAMPLE / "tth.py", *words, "--status", "--json"))
    assert told and all(one["current"] for one in told)
    assert proxy.counts() == before

"""Runs on a real ARC computing element, by `--batch arc`; what tasks make goes into a store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from batch.analyst import Analyst, await_that, kill, place, working
from batch.servers import arc
from storage.servers import service
from storage.webdav_server import PACKAGES, WebDAVServer, webdav_server

pytestmark = pytest.mark.e2e

SCRIPT = """\
import os
import time

import martlet

results = martlet.store("results")


class Square(martlet.Workflow):
    count = martlet.IntParameter()
    seconds = martlet.FloatParameter(default=0.0)

    def create_branch_map(self):
        return self.count

    def output(self):
        return results / f"squares/{self.branch}"

    def run(self):
        with open("RAN", "a") as file:
            file.write(f"{self.branch}\\n")
        time.sleep(self.seconds)
        with self.output().open("w") as file:
            file.write(f"{self.branch ** 2} {os.getcwd()} {os.environ.get('X509_USER_PROXY', 'none')}")
        print(f"branch {self.branch} is done")
"""


@dataclass(frozen=True)
class Grid:
    element: arc.ARCElement
    store: WebDAVServer


@pytest.fixture(scope="module")
def grid() -> Iterator[Grid]:
    if reason := arc.why_not():
        pytest.skip(f"ARC IS NOT TESTED: {reason}")
    if lacks := service.missing(PACKAGES):
        pytest.skip(f"ARC IS NOT TESTED: a store needs {lacks}")
    with place() as folder, place() as files, arc.serving(folder) as element, webdav_server(files) as store:
        yield Grid(element, store)


@pytest.fixture
def analyst(grid: Grid) -> Iterator[Analyst]:
    shutil.rmtree(grid.store.data / "squares", ignore_errors=True)
    with working(grid.element.environment) as analyst:
        analyst.write("squares.py", SCRIPT.replace("RAN", str(analyst.folder / "ran")))
        yield analyst


def _words(grid: Grid, *words: str) -> list[str]:
    return [
        "squares.py", "Square", *words, "--batch", "arc", "--job", f"queue={grid.element.url}",
        "--poll-interval", "5", "--store", f"results={grid.store.http}",
    ]  # fmt: skip


def test_it_keeps_the_contract(analyst: Analyst, grid: Grid) -> None:
    # minutes: what an element says of states is up to a minute old, and it is waited for six times
    assert analyst.contract("arc", within=900, queue=grid.element.url) == ""


def test_branches_run_on_the_grid(analyst: Analyst, grid: Grid) -> None:
    said = analyst.run(*_words(grid, "--count", "6"))
    made = {path.name: path.read_text().split() for path in (grid.store.data / "squares").iterdir()}
    assert {name: int(words[0]) for name, words in made.items()} == {str(n): n * n for n in range(6)}, said
    for _, where, proxy in made.values():
        assert Path(where).parent == grid.element.folder / "session"
        assert Path(proxy).parent == grid.element.folder / "control"  # one that was delegated to this job
    assert "branch 3 is done" in analyst.logs()


def test_a_killed_driver_leaves_jobs_to_the_next_one(analyst: Analyst, grid: Grid) -> None:
    words = _words(grid, "--count", "5", "--seconds", "20")
    ran = analyst.folder / "ran"
    driver = analyst.start(*words)
    await_that("jobs run", ran.exists, within=120)
    kill(driver)
    driver.communicate()
    analyst.run(*words)
    assert sorted(ran.read_text().split()) == ["0", "1", "2", "3", "4"]
    assert len(list((grid.store.data / "squares").iterdir())) == 5


# ---- who asks


def _with_token(analyst: Analyst, text: str) -> Analyst:
    """The same analyst with a token in place of the proxy."""
    path = analyst.write("token", text)
    path.chmod(0o600)
    who = {"X509_USER_PROXY": str(analyst.folder / "none"), "BEARER_TOKEN_FILE": str(path)}
    return Analyst(analyst.folder, {**analyst.environment, **who})


def test_branches_run_with_a_token(analyst: Analyst, grid: Grid) -> None:
    token = grid.element.issuer.token("doe")
    said = _with_token(analyst, token).run(*_words(grid, "--count", "2"))
    made = {path.name: path.read_text().split()[0] for path in (grid.store.data / "squares").iterdir()}
    assert made == {"0": "0", "1": "1"}, said
    files = [path for path in (analyst.folder / ".martlet").rglob("*") if path.is_file()]
    assert files and not any(token.encode() in path.read_bytes() for path in files)

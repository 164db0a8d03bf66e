"""Runs on a real ARC computing element, by `--batch arc`; what tasks make goes into a store."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from batch.analyst import Analyst, kill, place, working
from batch.servers import arc
from batch.waiting import wait_for
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
        print(f"branch {self.branch} begins", flush=True)
        with open("RAN", "a") as file:
            file.write(f"{self.branch}\\n")
        time.sleep(self.seconds)  # its work
        with self.output().open("w") as file:
            file.write(f"{self.branch ** 2} {os.getcwd()} {os.environ.get('X509_USER_PROXY', 'none')}")
        print(f"branch {self.branch} is done")
"""

ALIKE = 'bundle_exclude = "ran"\n'
"""Keeps what jobs write beside the script out of the bundles of later runs."""


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
        "--poll-interval", "1", "--store", f"results={grid.store.http}",
    ]  # fmt: skip


def test_it_keeps_the_contract(analyst: Analyst, grid: Grid) -> None:
    assert analyst.contract("arc", within=600, queue=grid.element.url) == ""


def test_branches_run_on_the_grid(analyst: Analyst, grid: Grid) -> None:
    said = analyst.run(*_words(grid, "--count", "6"))
    made = {path.name: path.read_text().split() for path in (grid.store.data / "squares").iterdir()}
    assert {name: int(words[0]) for name, words in made.items()} == {str(n): n * n for n in range(6)}, said
    for _, where, proxy in made.values():
        assert Path(where).parent == grid.element.folder / "session"
        assert Path(proxy).parent == grid.element.folder / "control"  # one that was delegated to this job
    assert "branch 3 is done" in analyst.logs()
    # what is collected the element need not keep
    places = [Path(where) for _, where, _ in made.values()]
    wait_for(lambda: not any(place.exists() for place in places), 60, "what jobs left was not removed")


def test_the_bundle_is_put_into_a_store_once_and_fetched_once(analyst: Analyst, grid: Grid) -> None:
    analyst.write("martlet.toml", f'{ALIKE}bundle_store = "code"\n[stores.code]\nurl = "{grid.store.http}/code"\n')
    for count in ("2", "4"):
        said = analyst.run(*_words(grid, "--count", count))
        assert ("the bundle was put into" if count == "2" else "the bundle is in") + " the store code" in said, said
    assert len(list((grid.store.data / "squares").iterdir())) == 4
    (bundle,) = (grid.store.data / "code" / "bundles").iterdir()
    asked = [line for line in grid.store.access_log.read_text().splitlines() if "/code/bundles/" in line]
    assert len([line for line in asked if line.startswith("MOVE ")]) == 1, asked  # what gives a file its name
    assert len([line for line in asked if line.startswith("GET ")]) == 1, asked  # from then on the element has it
    descriptions = list((analyst.folder / ".martlet").glob("jobs/*/arc.xrsl"))
    assert len(descriptions) == 2
    assert all(f'"{grid.store.http}/code/bundles/{bundle.name}"' in path.read_text() for path in descriptions)


def test_a_killed_driver_leaves_jobs_to_the_next_one_of_the_same_user(analyst: Analyst, grid: Grid) -> None:
    words = _words(grid, "--count", "5", "--seconds", "20")
    ran = analyst.folder / "ran"
    driver = analyst.start(*words)
    wait_for(lambda: ran.exists() and len(ran.read_text().split()) == 5, what="not all ran")
    kill(driver)
    driver.communicate()
    said = analyst.jobs("logs", analyst.open_jobs()[2])
    assert "2, running: " in said and "branch 2 begins" in said, said
    # to somebody else the element says of these jobs that there are none
    other = _with_token(analyst, grid.element.issuer.token("doe"))
    assert "jobs that another certificate or token has made" in other.jobs("list")
    stranger = other.start(*words)
    time.sleep(8)  # for several questions; that nothing follows however often they are asked, ARCDialectTests shows
    said = other.interrupt(stranger)
    assert "5 jobs are left in arc" in said and "jobs that another certificate or token has made" in said, said
    analyst.run(*words)
    assert sorted(ran.read_text().split()) == ["0", "1", "2", "3", "4"]
    assert len(list((grid.store.data / "squares").iterdir())) == 5


def test_jobs_are_left_and_cancelled(analyst: Analyst, grid: Grid) -> None:
    words = ("--count", "2", "--seconds")
    ran = analyst.folder / "ran"
    driver = analyst.start(*_words(grid, *words, "600"))
    wait_for(lambda: ran.exists() and len(ran.read_text().split()) == 2, what="not all ran")
    assert "2 jobs are left in arc" in analyst.interrupt(driver)
    assert analyst.jobs("cancel", "--all") == "2 jobs are cancelled\n"
    wait_for(lambda: "running" not in analyst.jobs("list"), what="jobs went on")
    analyst.run(*_words(grid, *words, "0"))
    assert sorted(ran.read_text().split()) == ["0", "0", "1", "1"]


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

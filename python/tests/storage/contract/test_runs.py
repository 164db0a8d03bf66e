"""Runs whose outputs lie in stores that die, come back, or lose their client: over real servers."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from faults.processes import kill
from martlet import storage
from storage.contract.area import PATIENCE, Area
from storage.contract.place import Place
from storage.servers.proxy import Proxy

pytestmark = [pytest.mark.e2e, pytest.mark.parametrize("place", ["webdav", "s3", "dropbox", "xrootd"], indirect=True)]

SIZE = 8 << 20
SCRIPT = f"""
import os
import martlet

results = martlet.store("results")


def note(what):
    with open("history", "a") as file:
        file.write(f"{{what}} {{os.getpid()}}\\n")


class Large(martlet.Task):
    retry = martlet.Retry(storage=0, lost=0)

    def output(self):
        return results / "large.bin"

    def run(self):
        with self.output().localize("w") as local, open(local.path, "wb") as file:
            file.write(b"0123456789abcdef" * {SIZE // 16})
            file.flush()
            note("written")


class Small(martlet.Task):
    number = martlet.IntParameter()
    retry = martlet.Retry(storage=60, delay=0.5, back_off=1)

    def output(self):
        return results / f"small/{{self.number}}.txt"

    def run(self):
        note(f"begun-{{self.number}}")
        self.output().dump(f"content {{self.number}}")
        note(f"made-{{self.number}}")


class All(martlet.WrapperTask):
    def requires(self):
        return [Small(number=n) for n in range(12)]
"""


class ProxiedArea(Area):
    """Between an analysis and its store there is a proxy."""

    def __init__(self, folder: Path, place: Place, proxy: Proxy, direct: Place) -> None:
        super().__init__(folder, place, SCRIPT)
        self.proxy = proxy
        self.direct = direct
        """The same place without the proxy."""


@pytest.fixture
def area(
    place: Place, client: Callable[[Place], Place], proxied: Callable[[Place], tuple[Place, Proxy]], tmp_path: Path
) -> Iterator[ProxiedArea]:
    client(place)
    storage.value(storage.mkdir([place.url])[0])
    reached, proxy = proxied(place)
    area = ProxiedArea(tmp_path, reached, proxy, place)
    yield area
    for pid in area.living(""):
        kill(pid)


def test_a_run_against_a_dead_server_says_so_and_runs_nothing(area: ProxiedArea) -> None:
    temporary = storage.put(b"before", f"{area.direct.url}/large.bin")
    assert storage.commit([(temporary, f"{area.direct.url}/large.bin")]) == [None]
    area.proxy.cut()
    for words in (["Large"], ["All", "--workers", "2"]):
        code, said = area.run(*words)
        assert code == 4, said  # BROKEN: output() could not be looked at
        assert "could not be reached" in said
        assert "nothing was run or lost because of it" in said
        assert "correct what" not in said
        assert area.history() == []
    assert storage.read(f"{area.direct.url}/large.bin") == b"before"


def test_a_server_that_dies_in_the_middle_and_comes_back(area: ProxiedArea) -> None:
    with area.running("All", "--workers", "2") as process:
        area.wait_until(lambda: any(line.startswith("made-") for line in area.history()), process)
        area.proxy.cut()
        begun = len(area.history())
        area.wait_until(lambda: len(area.history()) >= begun + 2, process)  # somebody meets the dead server
        area.proxy.flow()
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    urls = [f"{area.direct.url}/small/{number}.txt" for number in range(12)]
    assert [storage.read(url).decode() for url in urls] == [f"content {number}" for number in range(12)]
    listed = storage.value(storage.list_directories([f"{area.direct.url}/small"])[0])
    assert {entry.name for entry in listed if not entry.name.startswith(".")} == {f"{n}.txt" for n in range(12)}


@pytest.mark.parametrize("victim", ["driver", "worker", "courier"])
def test_who_is_killed_while_a_file_goes_there_leaves_no_part_of_it(area: ProxiedArea, victim: str) -> None:
    area.proxy.stall_after(SIZE // 4)
    # two workers: the task has a process of its own
    with area.running("Large", "--workers", "2") as process:
        area.wait_until(lambda: area.proxy.counts()["stalled"], process)
        assert storage.look([f"{area.direct.url}/large.bin"]) == [False]
        for pid in _victims(area, process, victim):
            kill(pid)
        area.proxy.flow()
        process.communicate(timeout=PATIENCE)
    area.wait_until(lambda: not area.living(""))
    there = storage.look([f"{area.direct.url}/large.bin"]) == [True]
    assert not there or storage.stat([f"{area.direct.url}/large.bin"])[0].size == SIZE
    code, said = area.run("Large")
    assert code == 0, said
    assert storage.read(f"{area.direct.url}/large.bin") == b"0123456789abcdef" * (SIZE // 16)


def _victims(area: ProxiedArea, process: subprocess.Popen[str], victim: str) -> list[int]:
    if victim == "driver":
        return [process.pid]
    if victim == "worker":
        return [int(area.history()[-1].split()[1])]
    found = [*area.living("serve_stores"), *area.living("martlet.storage.courier")]
    assert found
    return found

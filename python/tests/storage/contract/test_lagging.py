"""Stores that show late what was written to them: over apache, behind a door that leaves files out of its answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from faults.processes import kill
from martlet import storage
from storage.contract.area import Area
from storage.contract.place import Place
from storage.servers.lagging import Lagging, lagging

pytestmark = [pytest.mark.e2e, pytest.mark.parametrize("place", ["webdav"], indirect=True)]

COUNT = 40
SCRIPT = f"""
import martlet

results = martlet.store("results")


class Many(martlet.Task):
    def output(self):
        return [results / f"many/{{number}}.txt" for number in range({COUNT})]

    def run(self):
        with open("history", "a") as file:
            file.write("many\\n")
        for target in self.output():
            target.dump("content")


class Needs(martlet.Task):
    def requires(self):
        return Many()

    def output(self):
        return results / "sum.txt"

    def run(self):
        with open("history", "a") as file:
            file.write("sum\\n")
        self.output().dump(str(sum(len(one.load()) for one in self.input())))
"""


@pytest.fixture
def late(place: Place, client: Callable[[Place], Place]) -> Iterator[tuple[Place, Lagging]]:
    """An empty place as one sees it through a door that lists no file."""
    client(place)
    storage.value(storage.mkdir([place.url])[0])
    assert place.port
    with lagging(place.port) as door:
        yield client(place.through(door.port)), door


@pytest.mark.parametrize("denials", [0, 2])
@pytest.mark.parametrize("words", [[], ["--workers", "2"]])
def test_a_run_goes_on_with_what_it_has_made(
    late: tuple[Place, Lagging], tmp_path: Path, denials: int, words: list[str]
) -> None:
    place, door = late
    door.denials = denials
    area = Area(tmp_path, place, SCRIPT)
    try:
        code, said = area.run("Needs", *words)
    finally:
        for pid in area.living(""):
            kill(pid)
    assert code == 0, said
    assert area.history() == ["many", "sum"]
    assert door.withheld >= COUNT, "nothing was listed"
    assert sum(door.denied.values()) >= denials * COUNT
    assert storage.read(f"{place.url}/sum.txt") == str(len("content") * COUNT).encode()

"""Directories, collections and mirrors on servers as they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from martlet.storage import StorageError, end_couriers, launching
from martlet.targets import DirectoryTarget, MirroredTarget, SiblingCollection
from storage import places
from storage.places import Place

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module", params=places.PLACES, ids=[place.__name__ for place in places.PLACES])
def server(request: pytest.FixtureRequest) -> Iterator[Place]:
    with places.opened(request.param) as found:
        launching.use_settings([found.lines])
        yield found
        launching.use_settings([])
        end_couriers()


@pytest.fixture
def place(server: Place, request: pytest.FixtureRequest) -> Place:
    return server.within(request.function.__name__)


def test_directories_appear_as_a_whole_or_say_why_not(place: Place) -> None:
    plots = DirectoryTarget(f"{place.lines['url']}/50% µ #plots")
    if plots.path.startswith("s3://"):
        with pytest.raises(StorageError, match="pack them into a .tar"), plots.localize("w") as local:
            (local / "a.txt").dump("a")
        assert place.names() == []
        return
    for name in ("first", "second"):
        with plots.localize("w") as local:
            (local / f"{name}/a b.txt").dump(name)
            local.directory("void").touch()
        assert plots.listdir() == [name, "void"]
    assert len(place.names()) == 1
    with plots.localize("r") as local:
        assert (local / "second/a b.txt").load() == "second"
    plots.remove()
    assert not plots.exists() and place.names() == []


def test_collections_moves_and_mirrors(place: Place, tmp_path: Path) -> None:
    folder = DirectoryTarget(f"{place.lines['url']}/parts")
    collection = SiblingCollection([folder / f"{number}.json" for number in range(30)])
    assert collection.count() == 0
    collection.dump(list(range(30)))
    assert collection.exists() and collection.load() == list(range(30))
    moved = collection[3].move_to(folder / "moved.json")
    assert moved.load() == 3 and collection.missing() == [3] and moved.stat().size == 2
    mirrored = MirroredTarget(moved, tmp_path / "moved.json")
    assert mirrored.load() == 3 and mirrored.is_current()
    mirrored.dump([4, 5])
    assert mirrored.is_current() and moved.load() == [4, 5]
    assert len(place.results) == len(place.names()) == 30
    folder.remove()
    assert not folder.exists() and place.names() == []

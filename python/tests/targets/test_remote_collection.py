"""Collections of files in stores: looked at, fetched and stored all at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from martlet.storage import StorageError
from martlet.targets import (
    LocalTarget,
    MirroredTarget,
    OptionalTarget,
    RemoteTarget,
    SiblingCollection,
    TargetCollection,
)

from .conftest import Store

pytestmark = pytest.mark.usefixtures("temporary_files")


def parts(store: Store, count: int, there: int) -> dict[str, RemoteTarget]:
    (store.root / "parts").mkdir()
    for number in range(there):
        (store.root / "parts" / f"{number}.json").write_text(str(number))
    return {f"part{number}": RemoteTarget(f"{store.url}/parts/{number}.json") for number in range(count)}


def test_one_look_for_all(rude: Store) -> None:
    collection = TargetCollection(parts(rude, 200, 150), threshold=0.5)
    assert collection.exists() and collection.count() == 150
    assert all(count == 200 for _, count in rude.calls())
    siblings = SiblingCollection(collection.targets)
    asked = len(rude.calls())
    assert len(siblings.missing()) == 50
    assert rude.calls()[asked:] == [("list", 1)]


def test_siblings_whose_directory_lacks(rude: Store) -> None:
    assert SiblingCollection([RemoteTarget(f"{rude.url}/no/x")]).count() == 0
    rude.inject("denied", "list")
    with pytest.raises(StorageError):
        SiblingCollection([RemoteTarget(f"{rude.url}/no/x")]).exists()


def test_all_are_fetched_and_stored_together(rude: Store) -> None:
    collection = TargetCollection(parts(rude, 20, 0))
    collection.dump({f"part{number}": number for number in range(20)})
    assert collection.load() == {f"part{number}": number for number in range(20)}
    assert [call for call in rude.calls() if call[0] in ("fetch", "store")] in ([], [("store", 20), ("fetch", 20)])
    with pytest.raises(RuntimeError), collection.localize("w") as local:  # noqa: PT012
        local["part3"].dump("new")
        raise RuntimeError
    assert collection["part3"].load() == 3
    collection.remove()
    assert rude.files() == []


def test_trouble_with_one_is_told_with_its_name(rude: Store) -> None:
    collection = TargetCollection(parts(rude, 5, 5))
    rude.inject("denied", "read", "3.json")
    with pytest.raises(StorageError, match=r"parts/3\.json: access was refused"), collection.localize("r"):
        pass
    rude.inject("denied", "put", "2.json")
    rude.inject("denied", "put", "4.json")
    with pytest.raises(StorageError, match="and 1 more of 5"):
        collection.dump({f"part{number}": -1 for number in range(5)})


def test_here_and_there(rude: Store, tmp_path: Path) -> None:
    members: dict[str, Any] = {
        "here": LocalTarget(tmp_path / "here.json"),
        "there": RemoteTarget(f"{rude.url}/there.json"),
        "both": MirroredTarget(f"{rude.url}/both.json", tmp_path / "mirror" / "both.json"),
        "perhaps": OptionalTarget(RemoteTarget(f"{rude.url}/perhaps.json")),
        "pair": [RemoteTarget(f"{rude.url}/1.json"), RemoteTarget(f"{rude.url}/2.json")],
    }
    collection = TargetCollection(members)
    assert collection.missing() == ["here", "there", "both", "pair"]
    with collection.localize("w") as local:
        for name in ("here", "there", "both"):
            local[name].dump(name)
        for number, target in enumerate(local["pair"]):
            target.dump(number)
    assert collection.exists()
    with collection.localize("r") as local:
        assert (local["here"].load(), local["there"].load(), local["both"].load()) == ("here", "there", "both")
        assert [target.load() for target in local["pair"]] == [0, 1]
        assert not local["perhaps"].exists()
    assert (tmp_path / "mirror" / "both.json").exists()

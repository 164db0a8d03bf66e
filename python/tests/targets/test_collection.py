from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from martlet.structure import flatten
from martlet.targets import (
    DirectoryTarget,
    LocalTarget,
    OptionalTarget,
    SiblingCollection,
    Target,
    TargetCollection,
)


def files(folder: Path, count: int, there: int) -> dict[str, LocalTarget]:
    targets = {f"part{i}": LocalTarget(folder / f"{i}.json") for i in range(count)}
    for target in list(targets.values())[:there]:
        target.dump([target.basename])
    return targets


@pytest.fixture(params=[TargetCollection, SiblingCollection])
def kind(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.mark.parametrize(
    ("threshold", "needed"),
    [(1.0, 10), (1, 10), (0.7, 7), (0.71, 8), (0.0, 0), (3, 3), (3.5, 4), (12, 10), (-2, 8), (-20, 0)],
)
def test_thresholds(kind: Any, tmp_path: Path, threshold: float, needed: int) -> None:
    collection = kind(files(tmp_path, 10, 7), threshold)
    assert collection.needed == needed
    assert collection.exists() is (needed <= 7)
    places = collection.bulk_locations()
    assert places == [str(tmp_path / f"{i}.json") for i in range(10)]
    assert collection.is_there([os.path.exists(place) for place in places]) is (needed <= 7)


def test_what_is_there(kind: Any, tmp_path: Path) -> None:
    collection = kind(files(tmp_path, 5, 3))
    assert (len(collection), collection.count(), collection.count(existing=False)) == (5, 3, 2)
    assert collection.missing() == ["part3", "part4"]
    assert list(collection.existing()) == ["part0", "part1", "part2"]
    assert collection["part4"].basename == "4.json" and collection.first_target.basename == "0.json"
    collection.remove()
    assert collection.count() == 0 and os.listdir(tmp_path) == []
    assert kind([]).exists() and kind([]).count() == 0


def test_one_output_not_many(kind: Any, tmp_path: Path) -> None:
    collection = kind(files(tmp_path, 2, 0))
    assert flatten(collection) == [collection] == flatten([collection])
    assert flatten({"a": collection})[0]["part1"].basename == "1.json"
    with pytest.raises(TypeError):
        iter(collection)
    assert pickle.loads(pickle.dumps(collection)) == collection
    assert hash(collection) == hash(kind(files(tmp_path, 2, 0)))
    assert "2 targets, threshold=0.5" in repr(kind(files(tmp_path, 2, 0), 0.5))


def test_nested_targets_are_there_together(tmp_path: Path) -> None:
    def pair(name: str) -> list[LocalTarget]:
        return [LocalTarget(tmp_path / f"{name}.{end}") for end in ("png", "pdf")]

    collection = TargetCollection({"mass": pair("mass"), "ht": pair("ht")}, threshold=1.0)
    (tmp_path / "mass.png").touch()
    (tmp_path / "ht.png").touch()
    (tmp_path / "ht.pdf").touch()
    assert collection.missing() == ["mass"]
    assert not collection.is_there([True, False, True, True])
    assert TargetCollection({"mass": pair("mass"), "ht": pair("ht")}, 0.5).is_there([True, False, True, True])
    inner = TargetCollection([*pair("mass"), *pair("ht")], threshold=3)
    assert TargetCollection({"all": inner, "none": []}).exists()
    assert TargetCollection([inner]).is_there([True, False, True, True])
    assert TargetCollection(path for path in pair("ht")).exists()


def test_objects_in_the_structure_of_the_targets(tmp_path: Path) -> None:
    def files_of(name: str) -> list[LocalTarget]:
        return [LocalTarget(tmp_path / f"{name}{number}.json") for number in range(2)]

    collection = TargetCollection({"data": files_of("data"), "mc": {"tt": LocalTarget(tmp_path / "tt.json")}})
    content = {"data": [[1, 2], {"x": 3}], "mc": {"tt": "text"}}
    collection.dump(content)
    assert collection.load() == content
    with pytest.raises(IndexError):
        collection.dump({"data": [1, 2, 3]})
    with pytest.raises(KeyError):
        collection.dump({"no": 1})


def test_optional_members_lack_nothing(tmp_path: Path) -> None:
    collection = TargetCollection([OptionalTarget(LocalTarget(tmp_path / "a.txt")), LocalTarget(tmp_path / "b.txt")])
    assert not collection.exists() and collection.missing() == [1]
    assert collection.bulk_locations() == [str(tmp_path / "b.txt")]
    with collection.localize("w") as local:
        Path(local[1].path).write_text("b")
    assert collection.exists()
    assert os.listdir(tmp_path) == ["b.txt"]
    with collection.localize("r") as local:
        assert not local[0].exists() and local[1].load() == "b"
    collection.remove()
    assert os.listdir(tmp_path) == []


def test_targets_that_must_be_asked(tmp_path: Path) -> None:
    class Own(LocalTarget):
        def exists(self) -> bool:
            return self.basename == "yes"

    collection = TargetCollection([Own("yes"), Own("no")], threshold=0.5)
    assert collection.bulk_locations() is None
    assert collection.count() == 1 and collection.exists()
    assert SiblingCollection([Own("yes"), Own("no")]).missing() == [1]
    with pytest.raises(TypeError, match="holds targets, not str"):
        TargetCollection(["a.txt"])


def test_unreachable_is_not_absent(kind: Any, tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    collection = kind([LocalTarget(loop / "x")], threshold=0)
    with pytest.raises(OSError, match="symbolic links"):
        collection.exists()


def test_localize(kind: Any, tmp_path: Path) -> None:
    collection = kind(files(tmp_path, 3, 0))
    with collection.localize("w") as local:
        for name, target in local.items():
            target.dump(name)
            assert os.path.dirname(target.path) == str(tmp_path) and collection.count() == 0
    assert collection.load() == {"part0": "part0", "part1": "part1", "part2": "part2"}
    assert sorted(os.listdir(tmp_path)) == ["0.json", "1.json", "2.json"]
    with pytest.raises(RuntimeError), collection.localize("w") as local:  # noqa: PT012
        local["part0"].dump("new")
        raise RuntimeError
    with pytest.raises(FileNotFoundError, match="nothing was written for 'part1', 'part2' of"):  # noqa: SIM117
        with collection.localize("w") as local:
            local["part0"].dump("new")
    assert collection.load()["part0"] == "part0"
    assert sorted(os.listdir(tmp_path)) == ["0.json", "1.json", "2.json"]
    collection.dump({"part0": 0, "part1": 1, "part2": 2})
    assert collection.load() == {"part0": 0, "part1": 1, "part2": 2}


def test_localize_what_is_there_of_those_that_need_not_all_be(kind: Any, tmp_path: Path) -> None:
    collection = kind(list(files(tmp_path, 4, 3).values()), threshold=0.5)
    with collection.localize("r") as local:
        assert [target.basename for target in local] == ["0.json", "1.json", "2.json"]
    collection.remove()
    with collection.localize("w") as local:
        local[1].dump(1)
        local[3].dump(3)
    assert collection.load() == [1, 3]


def test_directories_in_collections(tmp_path: Path) -> None:
    collection = TargetCollection({"models": DirectoryTarget(tmp_path / "models")})
    with collection.localize("w") as local:
        (local["models"] / "a.txt").dump("a")
    with collection.localize("r") as local:
        assert (local["models"] / "a.txt").load() == "a"


def test_siblings_lie_together_and_are_listed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collection = SiblingCollection(files(tmp_path, 100, 60))
    listed = []
    listdir = DirectoryTarget.listdir
    monkeypatch.setattr(DirectoryTarget, "listdir", lambda self: listed.append(self) or listdir(self))
    monkeypatch.setattr(os, "stat", None)
    assert collection.count() == 60
    monkeypatch.undo()
    assert listed == [DirectoryTarget(tmp_path)]
    assert SiblingCollection([LocalTarget(tmp_path / "no" / "x")]).count() == 0
    with pytest.raises(ValueError, match="lie in one directory"):
        SiblingCollection([LocalTarget("a/b"), LocalTarget("c/d")])
    found = SiblingCollection.from_directory(tmp_path, "1*.json")
    assert found.keys()[:2] == ["1.json", "10.json"] and found.exists()


def test_everything_is_a_target(kind: Any) -> None:
    assert isinstance(kind([]), Target)


@pytest.mark.parametrize("threshold", [float("nan"), float("inf")])
def test_a_threshold_that_is_no_number_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="a threshold is a number"):
        TargetCollection([], threshold)

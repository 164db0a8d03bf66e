"""What can be done with a file, on this machine."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from martlet.formats import Nop
from martlet.targets import DirectoryTarget, FileTarget, LocalTarget, file_at


def test_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    target = LocalTarget("deep/µ sample.tar.gz")
    assert (target.basename, target.ext(), target.ext(2)) == ("µ sample.tar.gz", "gz", "tar.gz")
    assert target.url == f"file://{tmp_path}/deep/µ sample.tar.gz"
    assert target.parent == DirectoryTarget("deep")
    assert target.sibling("x") == LocalTarget("deep/x")
    assert LocalTarget("deep") / "a" / "b.txt" == LocalTarget("deep/a/b.txt") == LocalTarget("deep").child("a", "b.txt")
    with pytest.raises(ValueError, match="names nothing within"):
        target.sibling("../x")


def test_equal_by_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    one, other = LocalTarget("a/../b"), LocalTarget(tmp_path / "b", format=Nop)
    assert one == other and hash(one) == hash(other) and len({one, other}) == 1
    assert one != LocalTarget("c")
    assert one != DirectoryTarget("b")

    class Own(LocalTarget):
        pass

    assert Own("b") != one
    assert pickle.loads(pickle.dumps(one)) == one


def test_classes_of_ones_own_may_call_things_as_they_like() -> None:
    class Own(LocalTarget):
        def __init__(self, path: str) -> None:
            super().__init__(path)
            self.parent, self.basename, self.url = "mother", "mine", "theirs"  # type: ignore[assignment]

    assert (Own("a/b").parent, Own("a/b").basename, Own("a/b").url) == ("mother", "mine", "theirs")


def test_localize_reads_itself_and_writes_in_one_step(tmp_path: Path) -> None:
    target = LocalTarget(tmp_path / "new" / "fit.json")
    with target.localize("w") as local:
        Path(local.path).write_text("1")
        assert not target.exists() and local.path.endswith(".json")
    with target.localize("r") as local:
        assert local is target
    with pytest.raises(RuntimeError), target.localize("w") as local:  # noqa: PT012
        Path(local.path).write_text("2")
        raise RuntimeError
    assert os.listdir(tmp_path / "new") == ["fit.json"] and target.load() == 1
    with pytest.raises(FileNotFoundError, match="nothing was written"), target.localize("w"):
        pass
    with pytest.raises(ValueError, match="'r' or 'w'"), target.localize("a"):
        pass


@pytest.mark.parametrize("name", ["x.json", "x.json.gz", "x.pkl", "X.JSON"])
def test_load_and_dump(tmp_path: Path, name: str) -> None:
    target = LocalTarget(tmp_path / name)
    target.dump({"mu": 1.25})
    assert target.load() == {"mu": 1.25}
    assert os.listdir(tmp_path) == [name]


def test_load_and_dump_as_another_type(tmp_path: Path) -> None:
    target = LocalTarget(tmp_path / "datacard")
    target.dump([1], filetype="json", indent=1)
    assert (tmp_path / "datacard").read_text() == "[\n 1\n]\n"
    assert target.load("json") == [1]
    assert target.load("txt").startswith("[")
    np = pytest.importorskip("numpy")
    target.dump({"x": np.arange(3)}, "npz")
    assert list(target.load("npz")["x"]) == [0, 1, 2]
    with pytest.raises(LookupError, match="no file type has this end"):
        target.load()


def test_a_dump_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    target = LocalTarget(tmp_path / "fit.json")
    target.dump([1])
    with pytest.raises(TypeError):
        target.dump([1, object()])
    assert target.load() == [1] and os.listdir(tmp_path) == ["fit.json"]


def test_stat_and_touch(tmp_path: Path) -> None:
    target = LocalTarget(tmp_path / "a" / "x.root")
    target.touch()
    status = target.stat()
    assert (status.size, status.is_directory) == (0, False)
    assert status.modified == os.stat(target.path).st_mtime_ns
    Path(target.path).write_text("full")
    target.touch()
    assert target.stat().size == 4
    with pytest.raises(FileNotFoundError):
        LocalTarget(tmp_path / "no").stat()


def test_copies_and_moves(tmp_path: Path) -> None:
    target = LocalTarget(tmp_path / "a.txt")
    target.dump("text")
    assert target.copy_to(tmp_path / "deep" / "b.txt").load() == "text"
    assert target.copy_to(LocalTarget(tmp_path / "c.txt")) == LocalTarget(tmp_path / "c.txt")
    assert target.copy_to(DirectoryTarget(tmp_path / "folder")).path == str(tmp_path / "folder" / "a.txt")
    assert target.copy_to(f"{tmp_path}/other/").load() == "text"
    moved = target.move_to(tmp_path / "deep" / "er" / "d.txt")
    assert moved.load() == "text" and not target.exists()
    moved.copy_from_local(tmp_path / "c.txt")
    assert moved.copy_to_local(tmp_path / "e.txt").load() == "text"
    with pytest.raises(FileNotFoundError):
        target.copy_to(tmp_path / "f.txt")
    assert not (tmp_path / "f.txt").exists()


def test_which_class_a_place_has() -> None:
    assert type(file_at("/a")) is LocalTarget
    assert file_at("file:///a") == LocalTarget("/a")
    assert type(file_at("root://h//a")).__name__ == "RemoteTarget"
    assert file_at(Path("a"), Nop).format is Nop
    kinds: list[Any] = [file_at("a"), file_at("s3://b/a")]
    assert all(isinstance(kind, FileTarget) for kind in kinds)

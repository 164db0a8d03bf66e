from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from martlet.targets import DirectoryTarget, LocalTarget


@pytest.fixture
def tree(tmp_path: Path) -> DirectoryTarget:
    for name in ("b.root", "a.root", "deep/er/c.txt", "note.txt"):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return DirectoryTarget(tmp_path / "tree")


def test_what_lies_within(tree: DirectoryTarget) -> None:
    assert tree.exists()
    assert tree.listdir() == ["a.root", "b.root", "deep", "note.txt"]
    assert tree.listdir(type="d") == ["deep"]
    assert tree.listdir("*.root") == ["a.root", "b.root"]
    assert [target.basename for target in tree.files("*.root")] == ["a.root", "b.root"]
    assert sorted(target.basename for target in tree.walk()) == ["a.root", "b.root", "c.txt", "note.txt"]
    assert tree.child("a.root") == tree / "a.root" == LocalTarget(f"{tree.path}/a.root")
    assert tree.child("deep/") == tree.directory("deep") == DirectoryTarget(f"{tree.path}/deep/")
    assert tree.directory("deep").parent == tree
    assert (tree.basename, tree.url) == ("tree", f"file://{tree.path}")
    with pytest.raises(ValueError, match="names nothing within"):
        tree.child("../other")
    with pytest.raises(ValueError, match="'f' or 'd'"):
        tree.listdir(type="x")
    with pytest.raises(IsADirectoryError, match="open one of its files"):
        tree.open()


def test_as_an_output_it_appears_as_a_whole(tree: DirectoryTarget) -> None:
    with tree.localize("w") as local:
        (local / "new.txt").dump("new")
        assert tree.listdir() != ["new.txt"]
    assert tree.listdir() == ["new.txt"]
    with pytest.raises(RuntimeError), tree.localize("w") as local:  # noqa: PT012
        (local / "newer.txt").dump("newer")
        raise RuntimeError
    assert tree.listdir() == ["new.txt"]
    assert tree.parent.listdir() == ["tree"]
    with tree.localize("r") as local:
        assert local is tree
    with pytest.raises(ValueError, match="'r' or 'w'"), tree.localize("a"):
        pass


def test_copies_moves_and_removal(tree: DirectoryTarget, tmp_path: Path) -> None:
    copy = tree.copy_to(tmp_path / "copy")
    assert copy.listdir() == tree.listdir() and (copy / "deep" / "er" / "c.txt").load() == "deep/er/c.txt"
    moved = copy.move_to(tmp_path / "far" / "moved")
    assert moved.exists() and not copy.exists()
    moved.remove()
    assert not moved.exists()
    with pytest.raises(FileExistsError, match="a place of its own"):
        tree.copy_to_local(tmp_path / "far")
    tree.directory("empty").touch()
    assert os.listdir(tmp_path / "tree" / "empty") == []
    assert tree.stat().is_directory


def test_places() -> None:
    assert DirectoryTarget("a/") == DirectoryTarget(LocalTarget("a")) == DirectoryTarget(DirectoryTarget("./a"))
    assert DirectoryTarget("/").path == "/"
    assert DirectoryTarget("file:///a").path == "/a"
    eos = DirectoryTarget("root://u:secret@host//eos/")
    assert (eos.path, eos.is_local, eos.bulk_path()) == ("root://u:secret@host//eos", False, None)
    assert eos.bulk_location() == eos.path
    assert "secret" not in f"{eos} {eos!r}"
    assert type(eos / "a").__name__ == "RemoteTarget"
    assert DirectoryTarget("a").bulk_path() == "a"
    assert pickle.loads(pickle.dumps(eos)) == eos and len({eos, DirectoryTarget(eos)}) == 1

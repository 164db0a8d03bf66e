"""Directories of stores."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from martlet.storage import StorageError
from martlet.targets import DirectoryTarget, RemoteTarget

from .conftest import Store

pytestmark = pytest.mark.usefixtures("temporary_files")


@pytest.fixture
def tree(rude: Store) -> DirectoryTarget:
    for name in ("a.txt", "b.root", "deep/er/c.txt"):
        path = rude.root / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (rude.root / "tree" / "empty").mkdir()
    return DirectoryTarget(f"{rude.url}/tree/")


def test_what_lies_within(tree: DirectoryTarget, rude: Store) -> None:
    assert tree.exists() and not tree.directory("no").exists()
    assert tree.listdir() == ["a.txt", "b.root", "deep", "empty"]
    assert tree.listdir("*.txt") == ["a.txt"] and tree.listdir(type="d") == ["deep", "empty"]
    assert tree.files() == [RemoteTarget(f"{rude.url}/tree/a.txt"), RemoteTarget(f"{rude.url}/tree/b.root")]
    asked = len(rude.calls())
    assert [file.path for file in tree.walk()] == [
        f"{rude.url}/tree/{name}" for name in ("a.txt", "b.root", "deep/er/c.txt")
    ]
    # a level at a time, all directories of it at once
    assert rude.calls()[asked:] == [("list", 1), ("list", 2), ("list", 1)]
    assert tree.stat().is_directory
    assert tree.parent == DirectoryTarget(rude.url)


def test_reading_all(tree: DirectoryTarget, tmp_path: Path) -> None:
    with tree.localize("r") as local:
        assert local.listdir() == ["a.txt", "b.root", "deep", "empty"]
        assert (local / "deep/er/c.txt").load() == "deep/er/c.txt"
    copy = tree.copy_to(tmp_path / "copy")
    assert copy.is_local and len(list(copy.walk())) == 3
    with pytest.raises(FileExistsError):
        tree.copy_to_local(tmp_path / "copy")
    with pytest.raises(StorageError):
        DirectoryTarget(f"{tree.path}/no").copy_to_local(tmp_path / "no")
    assert sorted(os.listdir(tmp_path)) == ["copy", "store", "tmp"]


def test_it_appears_as_a_whole_in_front_of_what_was_there(tree: DirectoryTarget, rude: Store) -> None:
    for name in ("new", "newer"):
        with tree.localize("w") as local:
            (local / f"{name}/x.txt").dump(name)
            local.directory("void").touch()
        assert rude.files() == [f"tree/{name}/x.txt"]
        assert tree.listdir() == [name, "void"]
    with pytest.raises(RuntimeError), tree.localize("w") as local:  # noqa: PT012
        (local / "x.txt").dump("newest")
        raise RuntimeError
    rude.inject("full", "put", "x.txt")
    with pytest.raises(StorageError, match="no space"), tree.localize("w") as local:
        (local / "x.txt").dump("newest")
    rude.inject("denied", "commit", f"{rude.url}/tree")
    with pytest.raises(StorageError, match="access was refused"), tree.localize("w") as local:
        (local / "x.txt").dump("newest")
    assert rude.files() == ["tree/newer/x.txt"]
    assert tree.listdir() == ["newer", "void"]
    assert [name for name in os.listdir(rude.root) if "tmp" in name] == []


def test_a_store_that_knows_no_directories_says_what_to_do(rude: Store) -> None:
    plots = DirectoryTarget(f"{rude.url}/plots")
    rude.inject("absent", "commit", f"{rude.url}/plots", times=1)
    # each file is committed too, by another name
    with pytest.raises(StorageError, match=r"rude://.*/plots: .*SiblingCollection, or pack them into a \.tar"):  # noqa: SIM117
        with plots.localize("w") as local:
            local.directory("void").touch()
    assert rude.files() == [] and not plots.exists()


def test_removing_copying_and_moving(tree: DirectoryTarget, rude: Store, tmp_path: Path) -> None:
    moved = tree.move_to(f"{rude.url}/far/moved")
    assert not tree.exists() and moved.listdir() == ["a.txt", "b.root", "deep", "empty"]
    moved.remove()
    assert not moved.exists() and rude.files() == []
    here = DirectoryTarget(tmp_path / "here")
    (here / "a.txt").dump("a")
    assert here.copy_to(tree).listdir() == ["a.txt"]
    tree.directory("made").touch()
    assert tree.listdir(type="d") == ["made"]

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import pytest

from martlet.targets import (
    FileAlreadyExists,
    FileSystemTarget,
    LocalFileSystem,
    LocalTarget,
    MissingParentDirectory,
    NotADirectory,
)


def test_temporary_path_commits_replaces_and_drops(tmp_path: Path) -> None:
    target = LocalTarget(tmp_path / "new" / "plot.pdf")
    for text in ("first", "second"):
        with target.temporary_path() as path:
            Path(path).write_text(text)
            assert path.endswith(".pdf")
        assert (tmp_path / "new" / "plot.pdf").read_text() == text
    with pytest.raises(RuntimeError), target.temporary_path() as path:  # noqa: PT012
        Path(path).write_text("third")
        raise RuntimeError
    assert [entry.name for entry in (tmp_path / "new").iterdir()] == ["plot.pdf"]
    assert (tmp_path / "new" / "plot.pdf").read_text() == "second"


def test_temporary_path_of_directories(tmp_path: Path) -> None:
    target = LocalTarget(f"{tmp_path}/tree/")
    for n in (1, 2):
        with target.temporary_path() as path:
            Path(path).mkdir()
            (Path(path) / f"file{n}").write_text("x")
        assert [entry.name for entry in (tmp_path / "tree").iterdir()] == [f"file{n}"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["tree"]


def test_temporary_path_not_written_to_is_an_error_that_says_why(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing was written"), LocalTarget(tmp_path / "x").temporary_path():
        pass


def test_exists_tells_absent_from_unreachable(tmp_path: Path) -> None:
    assert not LocalTarget(tmp_path / "x").exists()
    (tmp_path / "file").write_text("")
    assert not LocalTarget(tmp_path / "file" / "below").exists()
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(OSError, match="symbolic links"):
        LocalTarget(loop / "x").exists()


def test_bulk_path_only_where_the_path_is_the_whole_answer() -> None:
    class Own(LocalTarget):
        def exists(self) -> bool:
            return True

    class OwnFileSystem(LocalFileSystem):
        def exists(self, path: str) -> bool:
            return True

    class Elsewhere(LocalTarget):
        fs = OwnFileSystem()

    class Plain(LocalTarget):
        pass

    assert LocalTarget("a/b").bulk_path() == "a/b"
    assert LocalTarget(Path("a/b")).bulk_path() == "a/b"
    assert Plain("a").bulk_path() == "a"
    for target in (Own("a"), Elsewhere("a"), LocalTarget("root://eos/a"), LocalTarget("a*")):
        assert target.bulk_path() is None


def test_wildcards_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        LocalTarget("/nowhere/*.root").exists()
    assert "wildcards" in caplog.text


def test_file_system(tmp_path: Path) -> None:
    fs = LocalFileSystem()
    deep = str(tmp_path / "a" / "b")
    with pytest.raises(MissingParentDirectory):
        fs.mkdir(deep, parents=False)
    fs.mkdir(deep)
    fs.mkdir(deep)
    with pytest.raises(FileAlreadyExists):
        fs.mkdir(deep, raise_if_exists=True)
    Path(deep, "f").write_text("x")
    with pytest.raises(NotADirectory):
        fs.mkdir(f"{deep}/f")
    with pytest.raises(NotADirectory):
        fs.mkdir(f"{deep}/f/g")
    assert list(fs.listdir(str(tmp_path))) == [f"{deep}/f"]
    with pytest.raises(FileAlreadyExists):
        fs.rename_dont_move(f"{deep}/f", f"{tmp_path}/a")
    fs.copy(f"{deep}/f", f"{tmp_path}/c/g")
    fs.copy(str(tmp_path / "a"), f"{tmp_path}/d")
    assert Path(tmp_path, "d/b/f").read_text() == "x"
    with pytest.raises(FileAlreadyExists):
        fs.copy(f"{deep}/f", f"{tmp_path}/c/g", raise_if_exists=True)
    fs.remove(str(tmp_path / "a"))
    assert not (tmp_path / "a").exists()
    assert fs.isdir(f"{tmp_path}/c")


def test_removing_a_link_leaves_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "dir").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "dir")
    LocalTarget(tmp_path / "link").remove()
    assert (tmp_path / "dir").is_dir()


def test_move_across_file_systems_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("x")
    real = os.replace

    def replace(source: Any, destination: Any) -> None:
        if str(source) == str(tmp_path / "a"):
            raise OSError(18, "Invalid cross-device link")
        real(source, destination)

    monkeypatch.setattr(os, "replace", replace)
    LocalTarget(tmp_path / "a").move(tmp_path / "deep" / "b")
    assert (tmp_path / "deep" / "b").read_text() == "x"
    assert not (tmp_path / "a").exists()


def test_temporary_targets_go_with_their_object() -> None:
    target = LocalTarget(is_tmp=True)
    with target.open("w") as file:
        file.write("x")
    path = Path(target.path)
    assert path.exists()
    del target
    assert not path.exists()


def test_mistakes_are_told() -> None:
    with pytest.raises(Exception, match="path or is_tmp must be set"):
        LocalTarget()
    with pytest.raises(Exception, match=r"mode must be 'r' or 'w' \(got: a\)"):
        LocalTarget("x").open("a")
    with pytest.warns(DeprecationWarning, match="LocalTarget.path"):
        assert LocalTarget("x").fn == "x"
    assert isinstance(LocalTarget("x"), FileSystemTarget)
    assert str(LocalTarget("x")) == "x"

"""Files that are moved, and written, to where something is already."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from martlet.targets import DirectoryTarget, LocalTarget, location


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("/a/b", "/a//b", True),
        ("/a/b", "/a/./b", True),
        ("a", "./a", True),
        ("file:///a", "/a", True),
        ("root://h//a/b", "root://h/a/b", True),
        ("davs://h/a/", "davs://h/a", True),
        ("davs://h/a", "davs://i/a", False),
        ("s3://b/a", "s3://b/A", False),
        ("/a", "/b", False),
    ],
)
def test_what_is_one_place(one: str, other: str, same: bool) -> None:
    assert location.is_same(one, other) is same


def test_a_file_that_is_moved_to_where_it_lies_stays(tmp_path: Path) -> None:
    target = LocalTarget(str(tmp_path / "a"))
    target.dump("x", "text")
    for place in (target, f"{tmp_path}/./a", f"file://{tmp_path}/a"):
        target.move_to(place)
        assert target.load("text") == "x"


@pytest.mark.parametrize("how", ["localize", "dump", "copy", "temporary"])
def test_a_file_never_replaces_a_directory(tmp_path: Path, how: str) -> None:
    precious = tmp_path / "results" / "deep" / "precious"
    precious.parent.mkdir(parents=True)
    precious.write_text("x")
    target = LocalTarget(str(tmp_path / "results"))
    (tmp_path / "other").write_text("y")

    def write() -> None:
        if how == "localize":
            with target.localize("w") as local, open(local.path, "w") as file:
                file.write("oops")
        elif how == "dump":
            target.dump("oops", "text")
        elif how == "copy":
            target.copy_from_local(str(tmp_path / "other"))
        else:
            with target.temporary_path() as path:
                Path(path).write_text("oops")

    with pytest.raises(IsADirectoryError):
        write()
    assert precious.read_text() == "x"
    assert sorted(os.listdir(tmp_path)) == ["other", "results"]


def test_a_directory_never_replaces_a_file(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("x")
    with pytest.raises(NotADirectoryError), LocalTarget(str(tmp_path / "results")).temporary_path() as path:
        os.mkdir(path)
    assert (tmp_path / "results").read_text() == "x"


def test_a_directory_that_cannot_take_its_place_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "kept").touch()
    replace = os.replace

    def fail(source: str, destination: str) -> None:
        if source.endswith("new") and not os.path.exists(destination):
            raise OSError(28, "No space left on device")
        replace(source, destination)

    (tmp_path / "new").mkdir()
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        LocalTarget(str(tmp_path / "old")).fs.commit(str(tmp_path / "new"), str(tmp_path / "old"))
    assert (tmp_path / "old" / "kept").exists()


def test_directories_of_stores_have_what_links_lead_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "source"
    (source / "real").mkdir(parents=True)
    (source / "real" / "a").write_text("x")
    (source / "link").symlink_to("real")
    sent: list[tuple[str, str]] = []
    target = DirectoryTarget("root://h//made")

    class Store:
        def mkdir(self, path: str) -> None:
            pass

        def store(self, pairs: list[tuple[str, str]]) -> None:
            sent.extend(pairs)

    monkeypatch.setattr(DirectoryTarget, "fs", Store())
    target._upload(str(source), "root://h//made")
    assert sorted(there for _, there in sent) == ["root://h//made/link/a", "root://h//made/real/a"]
    (source / "real" / "back").symlink_to("..")
    with pytest.raises(ValueError, match="leads back"):
        target._upload(str(source), "root://h//made")

"""Archives that try to write elsewhere, or to be more than files and folders."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from martlet import filetypes

OUTSIDE = ["/absolute", "../up", "deep/../../up", "a/../../../up", "..", "C:\\windows", "a\\..\\..\\b"]


def tar(path: Path, *members: tarfile.TarInfo) -> str:
    with tarfile.open(path, "w") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(b"evil" if member.isreg() else b""))
    return str(path)


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    info.size = 4 if kind == tarfile.REGTYPE else 0
    return info


def zipped(path: Path, name: str, mode: int = 0) -> str:
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        archive.writestr(info, "/etc/passwd")
    return str(path)


def refused(path: str, folder: Path, words: str) -> None:
    load = filetypes.of(path).load
    before = sorted(folder.parent.rglob("*"))
    with pytest.raises(filetypes.UnfitContent, match=words):
        load(path, into=str(folder / "out"))
    with pytest.raises(filetypes.UnfitContent, match=words):
        load(path)
    assert sorted(folder.parent.rglob("*")) == before


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "within"
    made.mkdir()
    return made


@pytest.mark.parametrize("name", OUTSIDE)
def test_members_that_lead_elsewhere(folder: Path, name: str) -> None:
    refused(tar(folder / "x.tar", member("fine.txt"), member(name)), folder, "leads out|no relative path")
    refused(zipped(folder / "x.zip", name), folder, "leads out|no relative path")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (tarfile.SYMTYPE, "symbolic link"), (tarfile.LNKTYPE, "hard link"), (tarfile.CHRTYPE, "device"),
        (tarfile.BLKTYPE, "device"), (tarfile.FIFOTYPE, "pipe"),
    ],
)  # fmt: skip
def test_members_that_are_no_files(folder: Path, kind: bytes, words: str) -> None:
    refused(tar(folder / "x.tar", member("a", kind, "/etc"), member("a/passwd")), folder, words)


def test_links_and_devices_in_zip_files(folder: Path) -> None:
    refused(zipped(folder / "x.zip", "a", stat.S_IFLNK | 0o777), folder, "symbolic link")
    refused(zipped(folder / "y.zip", "a", stat.S_IFCHR | 0o600), folder, "special file")


def test_a_member_that_comes_twice_does_not_replace_the_first(folder: Path) -> None:
    path = tar(folder / "x.tar", member("a"), member("a"))
    with pytest.raises(FileExistsError):
        filetypes.of(path).load(path, into=str(folder / "out"))
    assert not (folder / "out").exists()
    assert [entry.name for entry in folder.iterdir()] == ["x.tar"]


def test_no_more_is_loaded_into_memory_than_allowed(folder: Path) -> None:
    path = str(folder / "bomb.zip")
    filetypes.of(path).dump({"zeros": bytes(1 << 20), "more": b"1234"}, path)
    with pytest.raises(filetypes.UnfitContent, match=r"more than 1048576 bytes: extract it"):
        filetypes.of(path).load(path, limit=1 << 20)
    assert len(filetypes.of(path).load(path, limit=(1 << 20) + 4)) == 2


def test_permissions_of_members_are_not_taken_over(folder: Path) -> None:
    info = member("tool")
    info.mode = 0o6777
    path = tar(folder / "x.tar", info)
    filetypes.of(path).load(path, into=str(folder / "out"))
    assert (folder / "out" / "tool").stat().st_mode & 0o7022 == 0


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x"])
def test_such_names_are_not_packed_either(folder: Path, name: str) -> None:
    for end in ("tar", "zip"):
        with pytest.raises(filetypes.UnfitContent):
            filetypes.of(f"x.{end}").dump({name: b""}, str(folder / f"x.{end}"))


@pytest.mark.parametrize("name", ["x.tar", "x.zip"])
def test_links_that_are_packed(folder: Path, tmp_path: Path, name: str) -> None:
    packed = folder / "packed"
    (packed / "deep").mkdir(parents=True)
    (tmp_path / "elsewhere.txt").write_text("its content")
    (packed / "deep" / "linked.txt").symlink_to(tmp_path / "elsewhere.txt")
    path = str(folder / name)
    filetypes.of(path).dump(packed, path)
    assert filetypes.of(path).load(path) == {"deep/linked.txt": b"its content"}
    for there, words in ((tmp_path, "link to a folder"), (tmp_path / "nowhere", "link to nothing")):
        (packed / "link").symlink_to(there)
        with pytest.raises(filetypes.UnfitContent, match=words):
            filetypes.of(path).dump(packed, path)
        (packed / "link").unlink()
    os.mkfifo(packed / "pipe")
    with pytest.raises(filetypes.UnfitContent, match="no file"):
        filetypes.of(path).dump(packed, path)

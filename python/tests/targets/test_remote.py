"""Files of stores: over a back end in a process of its own, as all are."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from martlet.formats import Gzip, Nop, Text
from martlet.storage import Kind, StorageError, launching
from martlet.targets import DirectoryTarget, LocalTarget, RemoteTarget

from .conftest import Store

pytestmark = pytest.mark.usefixtures("temporary_files")


def target(store: Store, name: str = "deep/fit.json") -> RemoteTarget:
    return RemoteTarget(f"{store.url}/{name}")


@pytest.mark.parametrize(("format", "content"), [(Text, "µ = 1\n"), (Nop, b"\0\1"), (Text >> Gzip, "zip")])
def test_writing_and_reading(rude: Store, temporary_files: Path, format: object, content: object) -> None:
    file_target = RemoteTarget(f"{rude.url}/new/x.bin", format=format)  # type: ignore[arg-type]
    with file_target.open("w") as file:
        file.write(content)
        assert not file_target.exists()
    assert file_target.exists() and rude.files() == ["new/x.bin"]
    with file_target.open() as file:
        assert file.read() == content
        assert os.listdir(temporary_files) == []
    assert os.listdir(temporary_files) == []
    with pytest.raises(ValueError, match="'r' or 'w'"):
        file_target.open("a")


def test_an_exception_drops_what_was_written(rude: Store, temporary_files: Path) -> None:
    fit = target(rude)
    fit.dump(1)
    with pytest.raises(RuntimeError), fit.open("w") as file:  # noqa: PT012
        file.write("half")
        raise RuntimeError
    file = fit.open("w")
    file.write("forgotten")
    del file
    with pytest.raises(RuntimeError), fit.localize("w") as local:  # noqa: PT012
        Path(local.path).write_text("half")
        raise RuntimeError
    assert fit.load() == 1
    assert rude.files() == ["deep/fit.json"] and os.listdir(temporary_files) == []


def test_localize(rude: Store, temporary_files: Path) -> None:
    fit = target(rude)
    with fit.localize("w") as local:
        assert local.basename == "fit.json"
        local.dump({"mu": 1})
        assert not fit.exists()
    with fit.localize("r") as local:
        assert type(local) is LocalTarget and local.load() == {"mu": 1}
    with fit.temporary_path() as path:
        Path(path).write_text("2")
    assert fit.load() == 2
    with pytest.raises(FileNotFoundError, match="nothing was written"), fit.localize("w"):
        pass
    with pytest.raises(ValueError, match="'r' or 'w'"), fit.localize("a"):
        pass
    assert os.listdir(temporary_files) == []


def test_what_a_store_says_of_a_file(rude: Store) -> None:
    fit = target(rude)
    fit.touch()
    assert fit.stat().size == 0
    fit.dump([1, 2])
    fit.touch()
    assert fit.stat().size == len("[1, 2]\n") and not fit.stat().is_directory
    assert fit.stat().modified == (rude.root / "deep" / "fit.json").stat().st_mtime_ns
    fit.remove()
    assert not fit.exists()
    with pytest.raises(StorageError) as raised:
        fit.stat()
    assert raised.value.kind is Kind.ABSENT


def test_copies_and_moves(rude: Store, tmp_path: Path) -> None:
    fit = target(rude)
    fit.dump("text")
    here = fit.copy_to(tmp_path / "here" / "fit.json")
    assert type(here) is LocalTarget and here.load() == "text"
    assert here.copy_to(f"{rude.url}/copy/").path == f"{rude.url}/copy/fit.json"
    moved = fit.move_to(target(rude, "far/away.json"))
    assert moved.load() == "text" and not fit.exists()
    back = moved.move_to(tmp_path / "back.json")
    assert back.load() == "text" and not moved.exists()
    assert back.move_to(f"{rude.url}/x.json").load() == "text" and not back.exists()
    assert rude.files() == ["copy/fit.json", "x.json"]


@pytest.mark.parametrize("kind", ["denied", "transient", "unsupported", "full"])
def test_unreachable_is_not_absent(rude: Store, kind: str) -> None:
    fit = target(rude)
    for operation in ("look", "stat"):
        rude.inject(kind, operation, times=9)
    with pytest.raises(StorageError) as raised:
        fit.exists()
    assert raised.value.kind == kind


def test_what_does_not_arrive_whole_is_not_there(rude: Store, temporary_files: Path, tmp_path: Path) -> None:
    fit = target(rude)
    rude.inject("lose", "put")
    with pytest.raises(StorageError):
        fit.dump([1])
    rude.inject("full", "put")
    with pytest.raises(StorageError, match="no space is left"):
        fit.dump([1])
    assert rude.files() == [] and not fit.exists()
    fit.dump([1])
    rude.inject("lie", "stat", times=3)
    with pytest.raises(StorageError) as raised:
        fit.copy_to_local(tmp_path / "copy.json")
    assert raised.value.kind is Kind.CORRUPT
    assert not (tmp_path / "copy.json").exists() and os.listdir(temporary_files) == []


@pytest.mark.parametrize("name", ["50% µ #1?a=b&c.txt", "-rf", "a b/c'd\"e.txt", "x" * 200])
def test_names_of_all_kinds(rude: Store, name: str) -> None:
    odd = RemoteTarget(rude.url) / name
    with odd.open("w") as file:
        file.write(name)
    assert rude.files() == [name]
    assert odd.load("txt") == name


def test_it_is_where_it_is() -> None:
    one = RemoteTarget("root://doe:hunter2@host//eos/µ/a.tar.gz")
    assert (one.basename, one.ext(2), one.url) == ("a.tar.gz", "tar.gz", one.path)
    assert "hunter2" not in f"{one} {one!r}" and "host//eos/µ" in str(one)
    assert one.parent == DirectoryTarget("root://doe:hunter2@host//eos/µ")
    assert one.sibling("b").path.endswith("//eos/µ/b")
    assert pickle.loads(pickle.dumps(one)) == one and len({one, RemoteTarget(one.path, Nop)}) == 1
    assert one != RemoteTarget("root://host//eos/µ/a.tar.gz")
    assert (one.bulk_path(), one.bulk_location()) == (None, one.path)
    for path in ("/a/b", "file:///a", "a"):
        with pytest.raises(ValueError, match="is for LocalTarget"):
            RemoteTarget(path)


def test_after_a_fork(rude: Store) -> None:
    fit = target(rude)
    fit.dump(1)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            fit.sibling("child.json").dump(fit.load() + 1)
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    assert fit.sibling("child.json").load() == 2


def test_what_was_read_is_read_from_the_cache_of_the_store(rude: Store, tmp_path: Path) -> None:
    settings = {"url": rude.url, "root": str(rude.root), "cache": str(tmp_path / "cache"), "cache_check": "mtime"}
    launching.use_settings([settings])
    fit = target(rude)
    fit.dump([1])

    def reads() -> int:
        return sum(operation == "read" for operation, _ in rude.calls())

    assert fit.load() == [1]
    before = reads()
    assert fit.load() == [1] and reads() == before
    (rude.root / "deep" / "fit.json").write_text("[2, 3]")
    assert fit.load() == [2, 3] and reads() > before

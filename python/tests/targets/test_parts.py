"""Files of which parts alone are read."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from martlet import LocalTarget, storage
from martlet.storage import Kind, StorageError
from martlet.targets import MirroredTarget, RemoteTarget, parts
from martlet.targets.parts import PIECE
from targets.conftest import Store, rude, temporary_files

__all__ = ["rude", "temporary_files"]

CONTENT = bytes(range(256)) * (8 * PIECE // 256)


@pytest.fixture
def large(rude: Store) -> RemoteTarget:
    (rude.root / "large.bin").write_bytes(CONTENT)
    return RemoteTarget(f"{rude.url}/large.bin")


def reads(rude: Store) -> int:
    return [name for name, _ in rude.calls()].count("read")


def test_only_what_is_read_is_fetched(large: RemoteTarget, rude: Store) -> None:
    with large.open_parts() as file:
        assert reads(rude) == 0
        file.seek(5 * PIECE + 7)
        assert file.read(10) == CONTENT[5 * PIECE + 7 :][:10]
        assert file.read(1000) == CONTENT[5 * PIECE + 17 :][:1000]
        assert reads(rude) == 1
        file.seek(-3, 2)
        assert file.read() == CONTENT[-3:] and file.read(5) == b""
        assert reads(rude) == 2
        file.seek(0)
        assert file.read(3 * PIECE) == CONTENT[: 3 * PIECE]
    assert reads(rude) <= 4


def test_wherever_it_lies(large: RemoteTarget, tmp_path: Path) -> None:
    (tmp_path / "here").write_bytes(CONTENT)
    for target in (LocalTarget(tmp_path / "here"), MirroredTarget(large.path, tmp_path / "mirror" / "large.bin")):
        with target.open_parts() as file:
            file.seek(PIECE)
            assert file.read(5) == CONTENT[PIECE:][:5]


def test_what_is_not_there_is_not_opened(rude: Store) -> None:
    with pytest.raises(StorageError) as raised:
        RemoteTarget(f"{rude.url}/none").open_parts()
    assert raised.value.kind is Kind.ABSENT


def test_a_file_that_is_replaced_meanwhile_is_an_error(large: RemoteTarget, rude: Store) -> None:
    file = large.open_parts()
    file.read(10)
    large.sibling("other").dump(CONTENT + b"more", filetype="bin")
    (rude.root / "other").replace(rude.root / "large.bin")
    with pytest.raises(StorageError, match="replaced") as raised:
        file.close()
    assert raised.value.kind is Kind.CORRUPT
    file = large.open_parts()
    (rude.root / "large.bin").write_bytes(b"short")
    file.seek(PIECE)
    with pytest.raises(StorageError, match="replaced"):
        file.read(10)


def test_trees_of_root_are_read_in_part(rude: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    uproot, numpy = pytest.importorskip("uproot"), pytest.importorskip("numpy")
    target = RemoteTarget(f"{rude.url}/tree.root")
    count = 1_000_000
    values = numpy.random.default_rng(1).random(count)
    with target.localize("w") as local, uproot.recreate(local.path, compression=None) as made:
        tree = made.mktree("Events", dict.fromkeys(("mass", "pt", "eta", "phi"), "float64"))
        tree.extend({name: values + n for n, name in enumerate(("mass", "pt", "eta", "phi"))})
    size = (rude.root / "tree.root").stat().st_size
    fetched: list[int] = []

    def read(*arguments: Any) -> bytes:
        content = storage.read(*arguments)
        fetched.append(len(content))
        return content

    monkeypatch.setattr(parts, "storage", SimpleNamespace(read=read, stat=storage.stat, value=storage.value))
    with target.open_parts() as file, uproot.open(file) as opened:
        assert numpy.array_equal(opened["Events"]["mass"].array(library="np"), values)
    # not the three other branches
    assert size / 4 < sum(fetched) < size / 2

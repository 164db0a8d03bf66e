"""Transfers of whole files, over a store in memory that breaks, shortens and damages them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from martlet.storage import patience
from martlet.storage.errors import StorageError
from martlet.storage.patience import Patience
from martlet.storage.staging import Moved, Staging
from martlet.storage.values import Checksum, FileStatus, Transfer

URL = "mem://host/file"
PIECE = 1000


class Store:
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.breaks_after: list[int] = []
        """Bytes after which the next downloads or uploads break."""
        self.damages = False
        self.keeps_digests = True
        self.moved_bytes = 0

    def stat(self, targets: Sequence[str]) -> list[FileStatus | StorageError]:
        return [
            FileStatus(len(self.files[target]), 1) if target in self.files else StorageError("absent", target)
            for target in targets
        ]

    def commit(self, moves: Sequence[tuple[str, str]]) -> list[None | StorageError]:
        for temporary, target in moves:
            self.files[target] = self.files.pop(temporary)
        return [None] * len(moves)

    def checksum(self, targets: Sequence[str]) -> list[Checksum | StorageError]:
        if not self.keeps_digests:
            return [StorageError("unsupported", target) for target in targets]
        return [Checksum("adler32", f"{zlib.adler32(self.files[target]):08x}") for target in targets]

    def delete(self, targets: Sequence[str]) -> list[None | StorageError]:
        return [None if self.files.pop(target, None) else StorageError("absent", target) for target in targets]

    def download(self, target: str, local: str, begin: int, size: int, moved: Moved) -> None:
        end = self.breaks_after.pop(0) if self.breaks_after else size
        with open(local, "r+b") as file:
            file.seek(begin)
            for offset in range(begin, min(size, end), PIECE):
                file.write(self._damaged(self.files[target][offset : offset + PIECE]))
                self.moved_bytes += PIECE
                moved(PIECE)
        if end < size:
            raise StorageError("transient", target, "connection reset")

    def upload(self, temporary: str, local: str, size: int, moved: Moved) -> None:
        data = Path(local).read_bytes()
        end = self.breaks_after.pop(0) if self.breaks_after else size
        self.files[temporary] = self._damaged(data[:end])
        moved(min(end, size))
        if end < size:
            raise StorageError("transient", temporary, "connection reset")

    def _damaged(self, data: bytes) -> bytes:
        return bytes([data[0] ^ 1]) + data[1:] if self.damages and data else data


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience.time, "sleep", lambda _: None)


CONTENT = bytes(range(250)) * 20
"""Five pieces."""


class Bench:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store()
        self.told: list[tuple[int, int, int, int]] = []

    def staging(self, **settings: bool) -> Staging:
        return Staging(self.store, Patience(2), **settings)

    def fetch(self, name: str = "here", target: str = URL, **settings: bool) -> FileStatus | StorageError:
        transfer = Transfer(target, str(self.folder / name), str(self.folder / f".{name}.part"))
        (answer,) = self.staging(**settings).fetch([transfer], lambda *numbers: self.told.append(numbers))
        return answer

    def put(self, name: str = "here", **settings: bool) -> FileStatus | StorageError:
        transfer = Transfer(URL, str(self.folder / name), "")
        (answer,) = self.staging(**settings).store([transfer], lambda *numbers: self.told.append(numbers))
        return answer

    @property
    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_file_comes_whole(bench: Bench) -> None:
    bench.store.files[URL] = CONTENT
    assert bench.fetch() == FileStatus(5000, 1)
    assert (bench.folder / "here").read_bytes() == CONTENT
    assert bench.names == ["here"]
    assert bench.told[-1] == (5000, 5000, 1, 1)


def test_what_has_come_is_not_asked_for_again(bench: Bench) -> None:
    bench.store.files[URL] = CONTENT
    bench.store.breaks_after = [2000, 4000]
    assert bench.fetch() == FileStatus(5000, 1)
    assert (bench.folder / "here").read_bytes() == CONTENT
    assert bench.store.moved_bytes == 5000


def test_a_store_that_breaks_every_time_leaves_nothing(bench: Bench) -> None:
    bench.store.files[URL] = CONTENT
    bench.store.breaks_after = [1000, 1000, 1000, 1000]
    answer = bench.fetch()
    assert isinstance(answer, StorageError)
    assert answer.kind == "transient"
    assert bench.names == []
    assert bench.told[-1][2:] == (1, 1)


def test_damage_is_told_and_leaves_what_was_there(bench: Bench) -> None:
    bench.store.files[URL] = CONTENT
    bench.store.damages = True
    (bench.folder / "here").write_text("before")
    answer = bench.fetch()
    assert isinstance(answer, StorageError)
    assert answer.kind == "corrupt"
    assert "adler32" in answer.message
    assert (bench.folder / "here").read_text() == "before"
    assert bench.names == ["here"]


def test_digests_are_not_compared_where_that_is_not_wanted_or_there_are_none(bench: Bench) -> None:
    bench.store.files[URL] = CONTENT
    bench.store.damages = True
    assert bench.fetch(compares_digests=False) == FileStatus(5000, 1)
    bench.store.keeps_digests = False
    assert bench.fetch() == FileStatus(5000, 1)


def test_a_file_goes_there_whole(bench: Bench) -> None:
    (bench.folder / "here").write_bytes(CONTENT)
    bench.store.breaks_after = [1500]
    assert bench.put() == FileStatus(5000, 1)
    assert bench.store.files == {URL: CONTENT}
    assert bench.told[-1] == (5000, 5000, 1, 1)


@pytest.mark.parametrize("before", [None, b"before"])
def test_damage_on_the_way_there_has_not_its_name(bench: Bench, before: bytes | None) -> None:
    (bench.folder / "here").write_bytes(CONTENT)
    bench.store.files = {URL: before} if before else {}
    bench.store.damages = True
    answer = bench.put()
    assert isinstance(answer, StorageError)
    assert answer.kind == "corrupt"
    assert bench.store.files == ({URL: before} if before else {})


def test_local_trouble_is_told_as_a_stores_is(bench: Bench) -> None:
    absent = bench.put("nowhere")
    assert isinstance(absent, StorageError)
    assert absent.kind == "absent"
    bench.store.files[URL] = CONTENT
    nowhere = bench.fetch("no/folder")
    assert isinstance(nowhere, StorageError)
    assert nowhere.kind == "absent"


def test_a_file_that_is_not_in_the_store(bench: Bench) -> None:
    answer = bench.fetch()
    assert isinstance(answer, StorageError)
    assert answer.kind == "absent"
    assert bench.names == []

"""File systems of fsspec that lose answers, hang, or cannot put a file in the place of another."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem

from martlet.storage import Kind, StorageError, patience
from martlet.storage.fsspec import FSSpec
from martlet.storage.values import FileStatus, Transfer
from storage.servers import doors, webhdfs


class Lossy(LocalFileSystem):
    """`lossy://here/path`: /path of this machine, over a connection that breaks after a call was heard."""

    protocol: ClassVar = ("lossy", "local")
    cachable = False
    lost: ClassVar[list[str]] = []
    """Calls whose next answer is lost."""
    after: ClassVar[Callable[[], object]] = staticmethod(lambda: None)
    """What somebody does in the meantime."""

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        return "/" + path.partition("://")[2].partition("/")[2] if "://" in str(path) else str(path).rstrip("/") or "/"

    def mv(self, path1: str, path2: str, **options: Any) -> None:
        super().mv(path1, path2, **options)
        self._lose("mv")

    def rm_file(self, path: str) -> None:
        super().rm_file(path)
        self._lose("rm")

    def _lose(self, call: str) -> None:
        if call in self.lost:
            self.lost.remove(call)
            self.after()
            raise ConnectionResetError("connection reset by peer")


class Objects(MemoryFileSystem):
    """An object store whose removals are heard and not answered."""

    protocol = ("objects", "memory")
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar = [""]
    lost: ClassVar[list[str]] = []

    def rm_file(self, path: str) -> None:
        super().rm_file(path)
        if self.lost:
            raise ConnectionResetError(self.lost.pop())


class Hanging(Lossy):
    """Transfers stop in the middle of a file, until the test ends."""

    protocol: ClassVar = ("hanging", "local")
    ends: ClassVar = threading.Event()
    hangs: ClassVar[list[str]] = []

    def get_file(self, path1: str, path2: Any, callback: Any = None, **options: Any) -> None:
        self._hang("get", path1, path2)
        shutil.copyfile(path1, path2)

    def put_file(self, path1: str, path2: str, callback: Any = None, **options: Any) -> None:
        self._hang("put", path1, path2)
        shutil.copyfile(path1, path2)

    def _hang(self, call: str, path: str, other: str) -> None:
        if call in self.hangs:
            self.hangs.remove(call)
            with open(path, "rb") as file, open(other, "wb") as there:
                there.write(file.read(100))
                there.flush()
                self.ends.wait()
                there.write(b"late")


@pytest.fixture(autouse=True)
def systems(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for system in (Lossy, Hanging):
        fsspec.register_implementation(system.protocol[0], system, clobber=True)
    fsspec.register_implementation("objects", Objects, clobber=True)
    monkeypatch.setattr(patience.random, "uniform", lambda *_: 0)  # no test waits
    Lossy.lost, Objects.lost, Hanging.hangs = [], [], []
    Lossy.after = staticmethod(lambda: None)
    Objects.store.clear()
    Hanging.ends = threading.Event()
    yield
    Hanging.ends.set()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"fsspec+lossy://here{tmp_path}"


def kinds(answers: Any) -> list[Kind | None]:
    return [answer.kind if isinstance(answer, StorageError) else None for answer in answers]


@pytest.mark.parametrize("earlier", [None, b"earlier"])
def test_a_commit_whose_answer_is_lost_was_one(url: str, tmp_path: Path, earlier: bytes | None) -> None:
    store = FSSpec({"retries": 2})
    if earlier is not None:
        (tmp_path / "a").write_bytes(earlier)
    temporary = store.put(b"content", f"{url}/a")
    Lossy.lost = ["mv"]
    assert store.commit([(temporary, f"{url}/a")]) == [None]
    assert (tmp_path / "a").read_bytes() == b"content"


def test_of_objects_too(tmp_path: Path) -> None:
    store = FSSpec({"retries": 2})
    temporary = store.put(b"content", "fsspec+objects://x/a")
    Objects.lost = ["no answer"]
    assert store.commit([(temporary, "fsspec+objects://x/a")]) == [None]
    assert store.read("fsspec+objects://x/a", 0, 99) == b"content"


def test_a_commit_of_which_nothing_is_known_is_not_absent(url: str, tmp_path: Path) -> None:
    store = FSSpec({"retries": 2})
    temporary = store.put(b"content", f"{url}/a")
    Lossy.lost = ["mv"]
    Lossy.after = staticmethod(lambda: (tmp_path / "a").write_bytes(b"somebody else's"))
    assert kinds(store.commit([(temporary, f"{url}/a")])) == [Kind.TRANSIENT]


def test_a_commit_of_nothing_is_absent(url: str) -> None:
    assert kinds(FSSpec({"retries": 2}).commit([(f"{url}/none", f"{url}/a")])) == [Kind.ABSENT]


def test_a_delete_whose_answer_is_lost_was_one(url: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    Lossy.lost = ["rm"]
    assert FSSpec({"retries": 2}).delete([f"{url}/a", f"{url}/none"]) == [
        None,
        StorageError("absent", f"{url}/none", f"[Errno 2] No such file or directory: '{tmp_path}/none'"),
    ]


@pytest.mark.parametrize("place", ["fsspec+objects://x", "lossy"])
def test_a_file_that_is_named_as_itself_stays(place: str, url: str) -> None:
    store = FSSpec({})
    file = f"{url if place == 'lossy' else place}/a"
    temporary = store.put(b"content", file)
    assert kinds(store.commit([(temporary, temporary)])) == [Kind.UNSUPPORTED]
    assert store.read(temporary, 0, 99) == b"content"


# ---- transfers that hang


def transfer(tmp_path: Path) -> tuple[Transfer, Path]:
    """Of a file that is in the store, and here the folder that it is fetched to."""
    (tmp_path / "there").write_bytes(bytes(1000))
    (tmp_path / "here").mkdir()
    here = tmp_path / "here"
    return Transfer(f"fsspec+hanging://here{tmp_path}/there", str(here / "file"), str(here / "partial")), here


def numbers(*_: int) -> None:
    """Nobody watches."""


def test_a_fetch_that_hangs_is_given_up(tmp_path: Path) -> None:
    one, here = transfer(tmp_path)
    Hanging.hangs = ["get"]
    assert kinds(FSSpec({"timeout": 1, "retries": 0}).fetch([one], numbers)) == [Kind.TRANSIENT]
    assert list(here.iterdir()) == []


def test_and_begun_again_it_is_not_spoilt_by_what_comes_late(tmp_path: Path) -> None:
    one, here = transfer(tmp_path)
    Hanging.hangs = ["get"]
    told: list[tuple[int, ...]] = []
    answers = FSSpec({"timeout": 1, "retries": 1}).fetch([one], lambda *seen: told.append(seen))
    assert kinds(answers) == [None]
    assert told[-1] == (1000, 1000, 1, 1)
    assert (100, 1000, 0, 1) in told, "how far it came was not seen"
    Hanging.ends.set()
    time.sleep(0.1)
    assert (here / "file").read_bytes() == bytes(1000)


def test_a_store_that_hangs_is_given_up(tmp_path: Path) -> None:
    one, here = transfer(tmp_path)
    (here / "file").write_bytes(bytes(1000))
    Hanging.hangs = ["put"]
    assert kinds(FSSpec({"timeout": 1, "retries": 0}).store([one], numbers)) == [Kind.TRANSIENT]
    assert (tmp_path / "there").stat().st_size == 1000


# ---- HDFS


@pytest.fixture(params=[True, False])
def hdfs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, bool]]:
    """A server of WebHDFS, and whether it replaces when a file is renamed."""
    (tmp_path / "dir").mkdir()
    with doors.serving(webhdfs.WebHDFS(tmp_path, request.param)) as port:
        yield f"fsspec+webhdfs://127.0.0.1:{port}/dir", request.param


def test_hdfs_replaces_or_keeps_what_was_there(hdfs: tuple[str, bool], tmp_path: Path) -> None:
    url, replaces = hdfs
    store = FSSpec({"retries": 0})
    assert store.commit([(store.put(b"earlier", f"{url}/a"), f"{url}/a")]) == [None]
    temporary = store.put(b"later", f"{url}/a")
    assert kinds(store.commit([(temporary, f"{url}/a")])) == [None if replaces else Kind.UNSUPPORTED]
    assert store.read(f"{url}/a", 0, 99) == (b"later" if replaces else b"earlier")
    status = store.stat([f"{url}/a"])[0]
    assert isinstance(status, FileStatus)
    assert status.modified // 1_000_000 == (tmp_path / "dir" / "a").stat().st_mtime_ns // 1_000_000


def test_a_file_system_that_would_delete_before_does_not_replace(tmp_path: Path) -> None:
    """As arrow's HDFS does."""

    class Deleting(Lossy):
        protocol: ClassVar = ("deleting", "hdfs")

    fsspec.register_implementation("deleting", Deleting, clobber=True)
    store = FSSpec({})
    url = f"fsspec+deleting://here{tmp_path}/a"
    assert store.commit([(store.put(b"earlier", url), url)]) == [None]
    assert kinds(store.commit([(store.put(b"later", url), url)])) == [Kind.UNSUPPORTED]
    assert (tmp_path / "a").read_bytes() == b"earlier"

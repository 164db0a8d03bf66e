"""What may go wrong with a store, and what it answers then: the same for each, over real servers."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from faults import mounts
from martlet import storage
from martlet.storage import Kind, StorageError
from storage.contract.place import Place
from storage.contract.places import PLACES
from storage.servers.proxy import Proxy

pytestmark = pytest.mark.e2e

Client = Callable[[Place], Place]
Proxied = Callable[[Place], tuple[Place, Proxy]]

NETWORKED = ["webdav", "s3", "dropbox", "xrootd", "fsspec-sftp", "rclone-webdav"]
"""One of each kind that a network leads to."""
WITH_QUOTAS = ["s3", "dropbox"]
"""Those that have a limit of their own, whatever their file system holds."""
HASTY = {"timeout": 3, "connect_timeout": 3, "retries": 1}
MEGABYTE = bytes(range(256)) * 4096


def over(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("place", names, indirect=True)


def made(place: Place, name: str, content: bytes = b"content") -> str:
    """A file that is there."""
    storage.value(storage.mkdir([place.url])[0])
    url = f"{place.url}/{name}"
    storage.value(storage.commit([(storage.put(content, url), url)])[0])
    return url


def kinds(answers: list[object]) -> list[Kind | None]:
    """None for what is no error."""
    return [answer.kind if isinstance(answer, StorageError) else None for answer in answers]


def read_kind(url: str) -> Kind | None:
    try:
        storage.read(url)
    except StorageError as error:
        return error.kind
    return None


def put_kind(url: str) -> Kind | None:
    try:
        storage.put(b"x", url)
    except StorageError as error:
        return error.kind
    return None


def written_kind(url: str) -> Kind | None:
    """Of a small content that is put and committed: some stores refuse the one, some the other."""
    try:
        return kinds(storage.commit([(storage.put(b"x", url), url)]))[0]
    except StorageError as error:
        return error.kind


def every_kind(url: str, folder: Path) -> dict[str, Kind | None]:
    """What each operation says of a file that is there, and of a new one besides."""
    here = folder / "here"
    here.write_bytes(b"mine")
    directory = url.rpartition("/")[0]
    return {
        "stat": kinds(storage.stat([url]))[0],
        "look": kinds(storage.look([url]))[0],
        "look at many": kinds(storage.look([f"{url}-{n}" for n in range(20)], planning=1))[0],
        "list": kinds(storage.list_directories([directory]))[0],
        "read": read_kind(url),
        "checksum": kinds(storage.checksum([url]))[0],
        "put": put_kind(f"{url}-new"),
        "commit": kinds(storage.commit([(url, f"{url}-moved")]))[0],
        "delete": kinds(storage.delete([url]))[0],
        "mkdir": kinds(storage.mkdir([f"{directory}/made"]))[0],
        "fetch": kinds(storage.fetch([(url, folder / "fetched")]))[0],
        "store": kinds(storage.store([(here, f"{url}-stored")]))[0],
    }


@over(*NETWORKED)
def test_a_dead_server_is_not_an_empty_one(place: Place, client: Client, proxied: Proxied, tmp_path: Path) -> None:
    reached, proxy = proxied(place)
    client(reached.knowing(**HASTY))
    url = made(reached, "file")
    proxy.cut()
    assert {what: kind for what, kind in every_kind(url, tmp_path).items() if kind is not Kind.TRANSIENT} == {}
    assert not (tmp_path / "fetched").exists()
    proxy.flow()
    assert kinds(storage.stat([url])) == [None], "it does not come back with its server"


@over(*NETWORKED)
def test_a_server_that_hangs_is_given_up(place: Place, client: Client, proxied: Proxied, tmp_path: Path) -> None:
    reached, proxy = proxied(place)
    client(reached.knowing(timeout=1, connect_timeout=1, retries=0))
    url = made(reached, "file")
    proxy.stall()
    hanging = kinds([*storage.stat([url]), *storage.look([f"{url}-{n}" for n in range(20)], planning=1)])
    assert set(hanging) == {Kind.TRANSIENT}
    assert kinds(storage.fetch([(url, tmp_path / "fetched")])) == [Kind.TRANSIENT]
    assert os.listdir(tmp_path) == []
    proxy.flow()
    assert kinds(storage.stat([url])) == [None]


@over(*NETWORKED)
def test_a_file_that_stops_on_its_way_replaces_nothing(
    place: Place, client: Client, proxied: Proxied, tmp_path: Path
) -> None:
    reached, proxy = proxied(place)
    client(reached)
    url = made(reached, "file", b"before")
    client(reached.knowing(timeout=2, connect_timeout=2, retries=0))
    (tmp_path / "large").write_bytes(MEGABYTE * 16)
    proxy.stall_after(2 << 20)
    assert kinds(storage.store([(tmp_path / "large", url)])) == [Kind.TRANSIENT]
    proxy.flow()
    client(reached)
    assert storage.read(url) == b"before"


@over(*NETWORKED)
def test_a_body_that_ends_early_is_no_file(place: Place, client: Client, proxied: Proxied, tmp_path: Path) -> None:
    reached, proxy = proxied(place)
    client(reached.knowing(**HASTY))
    url = made(reached, "file", MEGABYTE)
    storage.end_couriers()  # a new connection, on which the fault lies
    proxy.truncate(500_000)
    (answer,) = storage.fetch([(url, tmp_path / "fetched")])
    if isinstance(answer, StorageError):
        assert answer.kind is Kind.TRANSIENT
        assert os.listdir(tmp_path) == []
    else:
        assert (tmp_path / "fetched").read_bytes() == MEGABYTE


@over("s3", "dropbox", "xrootd")
def test_a_body_with_another_byte_is_no_file(place: Place, client: Client, proxied: Proxied, tmp_path: Path) -> None:
    reached, proxy = proxied(place)
    client(reached.knowing(**HASTY))
    url = made(reached, "file", MEGABYTE)
    storage.end_couriers()
    proxy.corrupt(500_000)
    assert kinds(storage.fetch([(url, tmp_path / "fetched")])) == [Kind.CORRUPT]
    assert os.listdir(tmp_path) == []
    assert kinds(storage.fetch([(url, tmp_path / "fetched")])) == [None]


@over("webdav-token", "webdav-password", "s3", "dropbox", "xrootd-sss", "fsspec-sftp", "rclone-sftp", "rclone-webdav")
def test_who_is_not_let_in_is_told_so(place: Place, client: Client, tmp_path: Path) -> None:
    client(place)
    url = made(place, "file")
    assert place.stranger
    client(place.stranger.knowing(**HASTY))
    there = f"{place.stranger.url}/file"
    assert {what: kind for what, kind in every_kind(there, tmp_path).items() if kind is not Kind.DENIED} == {}
    client(place)
    assert storage.read(url) == b"content", "it was not left alone"


@pytest.fixture
def bounded(request: pytest.FixtureRequest, passable_folder: Path) -> Iterator[Place]:
    """A store of four megabytes."""
    folder = Path(tempfile.mkdtemp(dir=passable_folder))
    folder.chmod(0o755)
    if request.param in WITH_QUOTAS:
        with PLACES[request.param](folder) as place:
            assert place.limit
            place.limit(4 << 20)
            yield place
        return
    if os.geteuid() != 0:
        pytest.skip("SKIPPED: mounting a small file system needs root")
    (folder / "data").mkdir()
    mounts.small(folder / "data", 4096)
    try:
        with PLACES[request.param](folder) as place:
            yield place
    finally:
        mounts.remove(folder / "data")


@pytest.mark.parametrize(
    "bounded", ["local", "file", "webdav", "s3", "dropbox", "xrootd", "rclone-webdav", "rclone-local"], indirect=True
)
def test_a_full_store_keeps_what_it_has(bounded: Place, client: Client, tmp_path: Path) -> None:
    place = client(bounded.below("area").knowing(**HASTY))
    url = made(place, "file", b"before")
    (tmp_path / "large").write_bytes(MEGABYTE * 8)
    refused = kinds(storage.store([(tmp_path / "large", url), (tmp_path / "large", f"{url}-new")]))
    # not every protocol has a word for it
    assert set(refused) <= {Kind.FULL, Kind.TRANSIENT}
    assert bounded.url.startswith(("rclone", "fsspec")) or Kind.FULL in refused
    assert storage.read(url) == b"before"
    assert kinds(storage.stat([f"{url}-new"])) == [Kind.ABSENT]
    entries = storage.value(storage.list_directories([place.url])[0])
    assert [entry.name for entry in entries] == ["file"], "something is left of what did not fit"


@pytest.mark.parametrize("bounded", ["local", "webdav", "s3", "dropbox", "xrootd", "rclone-local"], indirect=True)
def test_a_store_that_takes_nothing_says_so(bounded: Place, client: Client, tmp_path: Path) -> None:
    place = client(bounded.below("area").knowing(**HASTY))
    url = made(place, "file", b"before")
    if bounded.close:
        bounded.close()
    else:
        assert bounded.data
        mounts.make_read_only(bounded.data)
    here = tmp_path / "here"
    here.write_bytes(b"new")
    refused = {
        written_kind(url),
        *kinds(storage.store([(here, url)])),
        *kinds(storage.delete([url])),
        *kinds(storage.mkdir([f"{place.url}/new"])),
    }
    assert Kind.DENIED in refused
    assert refused <= {Kind.DENIED, Kind.TRANSIENT}, "apache has no word for some of it"
    assert storage.read(url) == b"before"

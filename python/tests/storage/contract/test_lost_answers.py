"""What was done counts as done, though the answer that says so is lost: over real servers, behind a door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from martlet import storage
from martlet.storage import Kind, StorageError
from storage.contract.place import Place
from storage.servers.doors import Losing, losing
from storage.servers.proxy import Proxy

pytestmark = pytest.mark.e2e


class Words(NamedTuple):
    """How a protocol asks, as parts of requests."""

    commit: str
    delete: str


WORDS = {
    "webdav": Words("MOVE /", "DELETE /"),
    "s3": Words("?uploadId=", "DELETE /"),
    "dropbox": Words("/upload_session/finish", "/delete"),
    "rclone-webdav": Words("MOVE /", "DELETE /"),
}
over = pytest.mark.parametrize(("place", "words"), list(WORDS.items()), indirect=["place"])


@pytest.fixture
def behind(place: Place, client: Callable[[Place], Place]) -> Iterator[tuple[Place, Losing]]:
    """The place as one sees it through a door that loses answers when it is told to."""
    assert place.port
    with losing(place.port) as door:
        reached = client(place.through(door.port).knowing(timeout=10, retries=3))
        storage.value(storage.mkdir([reached.url])[0])
        yield reached, door


@over
@pytest.mark.parametrize("earlier", [False, True])
def test_a_commit(behind: tuple[Place, Losing], words: Words, earlier: bool) -> None:
    place, door = behind
    url = f"{place.url}/file"
    if earlier:
        storage.value(storage.commit([(storage.put(b"before", url), url)])[0])
    temporary = storage.put(b"content", url)
    door.to_lose = [words.commit]
    assert storage.commit([(temporary, url)]) == [None]
    assert door.lost == [words.commit]
    assert storage.read(url) == b"content"
    entries = storage.value(storage.list_directories([place.url])[0])
    assert [entry.name for entry in entries] == ["file"]


@over
def test_a_file_that_is_stored(behind: tuple[Place, Losing], words: Words, tmp_path: Path) -> None:
    place, door = behind
    (tmp_path / "here").write_bytes(b"content")
    url = f"{place.url}/file"
    door.to_lose = ["PUT /" if place.url.startswith("s3:") else words.commit]
    status = storage.value(storage.store([(tmp_path / "here", url)])[0])
    assert status.size == len(b"content")
    assert len(door.lost) == 1
    assert storage.read(url) == b"content"


@over
def test_a_delete(behind: tuple[Place, Losing], words: Words) -> None:
    place, door = behind
    url = f"{place.url}/file"
    storage.value(storage.commit([(storage.put(b"x", url), url)])[0])
    door.to_lose = [words.delete]
    assert storage.delete([url]) == [None]
    assert door.lost == [words.delete]
    (gone,) = storage.stat([url])
    assert isinstance(gone, StorageError) and gone.kind is Kind.ABSENT


# XRootD's protocol is none of HTTP: the connection ends where the answer would begin


@pytest.fixture
def xrootd(place: Place, client: Callable[[Place], Place]) -> Iterator[tuple[Place, Proxy]]:
    assert place.port
    with Proxy(place.port) as proxy:
        reached = client(place.through(proxy.port).knowing(timeout=10, retries=3))
        storage.value(storage.mkdir([reached.url])[0])
        yield reached, proxy


def came(proxy: Proxy, ask: Callable[[], object]) -> int:
    """Bytes from the server while something is asked."""
    before = proxy.counts()["down"]
    ask()
    return proxy.counts()["down"] - before


def cut(proxy: Proxy, url: str, before: int) -> None:
    """Begins anew, with a connection that ends when so many bytes have come after the answer to a first question."""
    storage.end_couriers()
    known = came(proxy, lambda: storage.stat([url]))
    storage.end_couriers()
    proxy.truncate(known + before)
    storage.stat([url])


@pytest.mark.parametrize("place", ["xrootd"], indirect=True)
def test_a_commit_over_xrootd(xrootd: tuple[Place, Proxy]) -> None:
    place, proxy = xrootd
    url = f"{place.url}/file"
    temporary = storage.put(b"content", url)
    cut(proxy, temporary, came(proxy, lambda: storage.stat([temporary])))
    connections = proxy.counts()["connections"]
    assert storage.commit([(temporary, url)]) == [None]
    assert proxy.counts()["connections"] > connections, "no answer was lost"
    assert storage.read(url) == b"content"
    (gone,) = storage.commit([(temporary, url)])
    assert isinstance(gone, StorageError) and gone.kind is Kind.ABSENT


@pytest.mark.parametrize("place", ["xrootd"], indirect=True)
def test_a_delete_over_xrootd(xrootd: tuple[Place, Proxy]) -> None:
    place, proxy = xrootd
    url = f"{place.url}/file"
    storage.value(storage.commit([(storage.put(b"content", url), url)])[0])
    cut(proxy, url, came(proxy, lambda: storage.stat([url])))
    connections = proxy.counts()["connections"]
    assert storage.delete([url]) == [None]
    assert proxy.counts()["connections"] > connections, "no answer was lost"
    (gone,) = storage.delete([url])
    assert isinstance(gone, StorageError) and gone.kind is Kind.ABSENT

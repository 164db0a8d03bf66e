"""Names as users and parameters bring them: each is a file of its own in every store, or is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from martlet import storage
from martlet.storage import Kind, StorageError
from storage.contract.place import Place
from storage.contract.places import PLACES

pytestmark = [pytest.mark.e2e, pytest.mark.parametrize("place", PLACES, indirect=True)]

NASTY = [
    "two words", " leading blank", "-rf", "--help", "%41", "100%", "a+b&c=d", "semi;colon", "quo\"te'd", "#fragment",
    "what?", "$(touch x)", "`id`", "~user", "back\\slash", "[a-z]*", "{x,y}", "@at:colon", "<x>|y", "ünïcödé",
    "e\u0301", "日本", "😀", "x" * 200, ".hidden", "trailing.",
]  # fmt: skip


def test_each_is_a_file_of_its_own(place: Place, client: Callable[[Place], Place], tmp_path: Path) -> None:
    client(place)
    storage.value(storage.mkdir([place.url])[0])
    (tmp_path / "here").write_bytes(b"stored")
    usual = [name for name in NASTY if not place.refused.intersection(name)]
    urls = [f"{place.url}/{name}" for name in usual]
    for name, url in zip(usual, urls):
        temporary = storage.put(name.encode(), url)
        assert storage.commit([(temporary, url)]) == [None], name
    assert storage.look(urls) == [True] * len(urls)
    for name, url, status in zip(usual, urls, storage.stat(urls)):
        assert storage.value(status).size == len(name.encode()), name
        assert storage.read(url) == name.encode(), name
    listed = [entry.name for entry in storage.value(storage.list_directories([place.url])[0])]
    assert sorted(listed) == sorted(usual)
    transfers = [(url, tmp_path / str(number)) for number, url in enumerate(urls)]
    assert [error for error in storage.fetch(transfers) if isinstance(error, StorageError)] == []
    assert [path.read_bytes().decode() for _, path in transfers] == usual
    stored = storage.store([(tmp_path / "here", url) for url in urls])
    assert [error for error in stored if isinstance(error, StorageError)] == []
    assert storage.delete(urls) == [None] * len(urls)
    assert storage.look(urls) == [False] * len(urls)


def test_what_a_store_has_no_name_for_is_refused(place: Place, client: Callable[[Place], Place]) -> None:
    client(place)
    storage.value(storage.mkdir([place.url])[0])
    for name in [name for name in NASTY if place.refused.intersection(name)]:
        url = f"{place.url}/{name}"
        with pytest.raises(StorageError) as refused:
            storage.put(b"x", url)
        assert refused.value.kind is Kind.UNSUPPORTED
        assert [answer.kind for answer in storage.stat([url]) if isinstance(answer, StorageError)] == [Kind.UNSUPPORTED]


def test_nothing_leads_out(place: Place, client: Callable[[Place], Place], tmp_path: Path) -> None:
    """`..` in a location may be refused, or be a name like others; it never goes up."""
    if place.url.startswith(("/", "file:")):
        pytest.skip("local paths go wherever the user may")
    client(place)
    storage.value(storage.mkdir([place.url])[0])
    (tmp_path / "here").write_bytes(b"escaped")
    outside = place.url.rpartition("/")[0] + "/escaped"
    for name in ("../escaped", "a/../../escaped", "./../escaped"):
        storage.store([(tmp_path / "here", f"{place.url}/{name}")])
        assert storage.look([outside]) == [False], name
        (answer,) = storage.stat([f"{place.url}/../{place.url.rpartition('/')[2]}"])
        assert isinstance(answer, StorageError)


@pytest.mark.parametrize("name", ["two\nlines", "two\r\nlines", "tab\there"])
def test_a_control_character_is_one_or_refused(place: Place, client: Callable[[Place], Place], name: str) -> None:
    client(place)
    storage.value(storage.mkdir([place.url])[0])
    url = f"{place.url}/{name}"
    (status,) = storage.stat([url])
    assert isinstance(status, StorageError)
    if status.kind is Kind.UNSUPPORTED:
        with pytest.raises(StorageError):
            storage.put(b"x", url)
        return
    assert storage.commit([(storage.put(b"x", url), url)]) == [None]
    assert storage.look([url]) == [True]
    assert storage.read(url) == b"x"
    assert storage.delete([url]) == [None]

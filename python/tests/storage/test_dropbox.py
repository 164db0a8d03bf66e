"""Dropbox, over a server of ours. What every store must do is in `contract`."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from martlet import storage
from martlet.storage import Kind, StorageError, launching, value
from storage import dropbox_server
from storage.dropbox_files import content_hash
from storage.dropbox_server import APP_KEY, APP_SECRET, REFRESH_TOKEN, TOKEN, DropboxServer

pytestmark = pytest.mark.e2e


@pytest.fixture
def server() -> Iterator[DropboxServer]:
    with dropbox_server.dropbox_server() as running:
        know(running, token=TOKEN)
        yield running
    launching.end_couriers()
    launching.use_settings([])


def know(server: DropboxServer, **more: object) -> None:
    launching.end_couriers()
    launching.use_settings([{"name": "box", "url": "dropbox:///", **server.options, **more}])


def write(path: Path, size: int) -> bytes:
    content = random.Random(size).randbytes(size)
    path.write_bytes(content)
    return content


def refused(answer: object, kind: Kind) -> bool:
    return isinstance(answer, StorageError) and answer.kind is kind


def test_files_go_there_and_back(server: DropboxServer, tmp_path: Path) -> None:
    large = write(tmp_path / "large", (32 << 20) + 5)
    small = write(tmp_path / "small", 7)
    write(tmp_path / "empty", 0)
    names = {"large": "dropbox:///ä é/😀 large", "small": "dropbox:///small", "empty": "dropbox:///d/e"}
    told: list[tuple[int, ...]] = []
    transfers = [(tmp_path / name, url) for name, url in names.items()]
    stored = storage.store(transfers, lambda *progress: told.append(progress))
    assert [value(status).size for status in stored] == [len(large), 7, 0]
    assert told[-1] == (len(large) + 7, len(large) + 7, 3, 3)
    assert Counter(server.calls)["upload_session/finish_batch_v2"] == 1
    assert server.files.files["/ä é/😀 large"].content == large
    fetched = storage.fetch([(url, tmp_path / f"{name}.back") for name, url in names.items()])
    assert [value(status).size for status in fetched] == [len(large), 7, 0]
    assert (tmp_path / "large.back").read_bytes() == large
    (sum_,) = storage.checksum([names["small"]])
    assert (value(sum_).algorithm, value(sum_).digest) == ("dropbox-content-hash", content_hash(small))


def test_one_listing_answers_for_many(server: DropboxServer) -> None:
    for number in range(0, 300, 2):
        server.files._keep(f"/d/F{number}", b"")
    server.files.folders["/d"] = "/d"
    server.files.page = 50
    names = [f"dropbox:///d/f{number}" for number in range(300)] + ["dropbox:///d/é"]
    for _ in range(2):
        assert storage.look(names, planning=3) == [number % 2 == 0 for number in range(300)] + [False]
    calls = Counter(server.calls)
    assert calls["list_folder"] == 1
    assert calls["list_folder/continue"] == 2
    # how Dropbox compares letters beyond ASCII it alone knows
    assert calls["get_metadata"] == 2


def test_tokens(server: DropboxServer, tmp_path: Path) -> None:
    know(server, token="sl.another")
    (found,) = storage.look(["dropbox:///x"])
    assert refused(found, Kind.DENIED)
    assert "sl.another" not in str(found)
    know(server)
    (found,) = storage.look(["dropbox:///x"])
    assert refused(found, Kind.DENIED)
    assert "token_file" in str(found)
    (tmp_path / "refresh").write_text(REFRESH_TOKEN)
    (tmp_path / "secret").write_text(APP_SECRET)
    files = {name: str(tmp_path / name) for name in ("refresh", "secret")}
    app = {"app_key": APP_KEY, "refresh_token_file": files["refresh"], "app_secret_file": files["secret"]}
    know(server, **app)
    assert storage.look(["dropbox:///x"]) == [False]
    server.tokens.clear()  # it has expired
    assert storage.look(["dropbox:///x"]) == [False]
    assert server.issued == 2
    (tmp_path / "refresh").write_text("revoked-token")
    know(server, **app)
    (found,) = storage.look(["dropbox:///x"])
    assert refused(found, Kind.DENIED)
    assert "revoked-token" not in str(found)
    assert "invalid_grant" in str(found)


def test_unreachable_is_not_absent(server: DropboxServer) -> None:
    know(server, token=TOKEN, retries=1)
    for count in (1, 10):
        for status, kind in ((503, Kind.TRANSIENT), (500, Kind.TRANSIENT), (403, Kind.DENIED)):
            server.faults.clear()
            server.fault("", "status", times=1000, status=status)
            for answer in storage.look([f"dropbox:///d/{number}" for number in range(count)]):
                assert refused(answer, kind), (status, answer)


def test_rates_are_kept(server: DropboxServer) -> None:
    server.fault("get_metadata", "status", times=2, status=429, Retry_After="0")
    assert storage.look(["dropbox:///x"]) == [False]
    assert server.calls == ["get_metadata"] * 3


@pytest.mark.parametrize(
    ("call", "deed"),
    [
        ("upload_session/start", "reset"), ("upload_session/start", "reset-after"),
        ("upload_session/append_v2", "reset"), ("upload_session/append_v2", "reset-after"),
        ("upload_session/finish_batch_v2", "reset"), ("upload_session/finish_batch_v2", "reset-after"),
        ("upload_session/finish_batch_v2", "crowd"), ("download", "reset"), ("download", "truncate"),
        ("get_metadata", "reset-after"),
    ],
)  # fmt: skip
def test_trouble_that_passes(server: DropboxServer, tmp_path: Path, call: str, deed: str) -> None:
    content = write(tmp_path / "large", (33 << 20) if "append" in call else 1000)
    server.fault(call, deed)
    assert value(storage.store([(tmp_path / "large", "dropbox:///d/x")])[0]).size == len(content)
    assert value(storage.fetch([("dropbox:///d/x", tmp_path / "back")])[0]).size == len(content)
    assert (tmp_path / "back").read_bytes() == content
    assert all(fault.times == 0 for fault in server.faults)


def test_contents_that_are_damaged_on_the_way_are_noticed(server: DropboxServer, tmp_path: Path) -> None:
    write(tmp_path / "x", 1000)
    value(storage.store([(tmp_path / "x", "dropbox:///x")])[0])
    server.fault("download", "damage")
    (fetched,) = storage.fetch([("dropbox:///x", tmp_path / "back")])
    assert refused(fetched, Kind.CORRUPT)
    assert not (tmp_path / "back").exists()


def test_what_is_lost_is_noticed(server: DropboxServer, tmp_path: Path) -> None:
    write(tmp_path / "x", 1000)
    server.fault("upload_session/start", "lose")
    (stored,) = storage.store([(tmp_path / "x", "dropbox:///x")])
    assert isinstance(stored, StorageError)
    assert storage.look(["dropbox:///x"]) == [False]


def test_space(server: DropboxServer, tmp_path: Path) -> None:
    server.files.quota = 1500
    for name in ("a", "b"):
        write(tmp_path / name, 1000)
    answers = storage.store([(tmp_path / name, f"dropbox:///{name}") for name in ("a", "b")])
    assert sorted(isinstance(answer, StorageError) for answer in answers) == [False, True]
    assert any(refused(answer, Kind.FULL) for answer in answers)


def test_folders_are_removed_only_when_empty(server: DropboxServer) -> None:
    assert storage.mkdir(["dropbox:///d/e"]) == [None]
    assert refused(storage.delete(["dropbox:///d"])[0], Kind.UNSUPPORTED)
    assert storage.delete(["dropbox:///d/e"]) == [None]
    assert storage.delete(["dropbox:///d"]) == [None]
    assert refused(storage.delete(["dropbox:///d"])[0], Kind.ABSENT)
    assert refused(storage.delete(["dropbox:///"])[0], Kind.UNSUPPORTED)


@pytest.mark.parametrize("url", ["dropbox://host/x", "dropbox:///../x", "dropbox:///a/./b", "dropbox:///a\nb"])
def test_what_is_no_place_is_refused(server: DropboxServer, url: str) -> None:
    assert refused(storage.look([url])[0], Kind.UNSUPPORTED)
    assert server.calls == []


def test_the_server_speaks_as_dropbox_does(server: DropboxServer) -> None:
    """Dropbox's own client takes its answers, and its errors."""
    dropbox = pytest.importorskip("dropbox", reason="SKIPPED Dropbox's client: it is missing in this Python")
    files, exceptions = dropbox.files, dropbox.exceptions

    class Client(dropbox.Dropbox):  # type: ignore[misc]
        def _get_route_url(self, hostname: str, route_name: str) -> str:
            return f"{server.endpoint}/2/{route_name}"

    client = Client(TOKEN, max_retries_on_error=0)
    start = client.files_upload_session_start(b"12345")
    cursor = files.UploadSessionCursor(start.session_id, 5)
    client.files_upload_session_append_v2(b"678", cursor, close=True)
    cursor.offset = 8
    commit = files.CommitInfo("/Folder/File", mode=files.WriteMode.overwrite)

    def finish() -> Any:
        return client.files_upload_session_finish_batch_v2([files.UploadSessionFinishArg(cursor, commit)]).entries[0]

    assert finish().get_success().size == 8
    assert finish().get_failure().get_lookup_failed().is_not_found()
    assert client.files_get_metadata("/folder/file").name == "File"
    assert [entry.name for entry in client.files_list_folder("").entries] == ["Folder"]
    metadata, response = client.files_download("/folder/file")
    assert (metadata.content_hash, response.content) == (content_hash(b"12345678"), b"12345678")
    assert client.files_move_v2("/folder/file", "/other").metadata.name == "other"
    assert client.files_create_folder_v2("/new").metadata.path_lower == "/new"
    for call, tag in (
        (lambda: client.files_get_metadata("/no"), "path"),
        (lambda: client.files_list_folder("/other"), "path"),
        (lambda: client.files_create_folder_v2("/new"), "path"),
        (lambda: client.files_delete_v2("/no"), "path_lookup"),
        (lambda: client.files_move_v2("/no", "/x"), "from_lookup"),
    ):
        with pytest.raises(exceptions.ApiError) as error:
            call()
        assert error.value.error._tag == tag
    client.files_delete_v2("/new")
    with pytest.raises(exceptions.AuthError):
        Client("sl.another", max_retries_on_error=0).files_get_metadata("/other")
    with pytest.raises(exceptions.ApiError) as error:
        client.files_delete_v2("/other", parent_rev="0" * 9)
    assert error.value.error.get_path_write().is_conflict()

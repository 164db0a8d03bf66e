"""WebDAV over apache: who is let in by what, and what is said of it. What every store must do is in `contract`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from storage import webdav_server
from storage.servers import certificates, xrootd
from storage.servers.proxy import Proxy
from storage.webdav_server import PASSWORD, TOKEN, USER, WebDAVServer

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def server() -> Iterator[WebDAVServer]:
    # pytest's own folders are closed to the user that the server runs as
    with (
        tempfile.TemporaryDirectory(prefix="martlet-webdav-") as folder,
        webdav_server.webdav_server(Path(folder)) as running,
    ):
        yield running


_SCRIPT = """
import json, sys
from martlet import storage
from martlet.storage import launching

settings, calls = json.load(sys.stdin)
if settings:
    launching.use_settings(settings)
for name, arguments in calls:
    answers = getattr(storage, name)(*arguments)
    answers = answers if isinstance(answers, list) else [answers]
    print(json.dumps([
        {"error": one.kind.value if hasattr(one.kind, "value") else one.kind, "message": str(one)}
        if isinstance(one, storage.StorageError) else repr(one) for one in answers
    ]))
"""


def ask(
    calls: Sequence[tuple[str, list[Any]]], settings: Sequence[Mapping[str, Any]] = (), **environment: str
) -> list[list[Any]]:
    """What `martlet.storage` answers in a process of its own, which sees no credentials but these."""
    mine = {"BEARER_TOKEN", "BEARER_TOKEN_FILE", "X509_USER_PROXY", "X509_CERT_DIR", "SSL_CERT_FILE", "XDG_RUNTIME_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT], input=json.dumps([settings, calls]), capture_output=True, text=True,
        timeout=120, env={**{name: value for name, value in os.environ.items() if name not in mine}, **environment},
    )  # fmt: skip
    for secret in (TOKEN, PASSWORD):
        assert secret not in done.stdout + done.stderr
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def stat(url: str, settings: Sequence[Mapping[str, Any]] = (), **environment: str) -> Any:
    return ask([("stat", [[url]])], settings, **environment)[0][0]


def authority(server: WebDAVServer) -> str:
    return str(server.certificates.authority)


def test_a_client_certificate_lets_in(server: WebDAVServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    proxy = str(server.client_certificate)
    settings = [{"url": server.certified, "ca": authority(server), "proxy": proxy}]
    url = f"{server.certified}/by certificate/file"
    stored, seen = ask([("store", [[[str(tmp_path / "file"), url]]]), ("look", [[url]])], settings)
    assert "size=7" in stored[0] and seen == ["True"]
    assert (server.data / "by certificate/file").read_text() == "content"
    refused = stat(url, [{"url": server.certified, "ca": authority(server)}])
    assert refused["error"] == "denied" and "without credentials" in refused["message"]


def test_a_certificate_of_the_environment_lets_in(server: WebDAVServer) -> None:
    environment = {"X509_USER_PROXY": str(server.client_certificate), "X509_CERT_DIR": str(server.certificates.folder)}
    assert "is_directory=True" in stat(server.certified, (), **environment)


def test_a_certificate_of_another_authority_is_denied(server: WebDAVServer, tmp_path: Path) -> None:
    stranger = certificates.make(tmp_path / "strangers")
    proxy = tmp_path / "proxy.pem"
    proxy.write_bytes(stranger.host.read_bytes() + stranger.host_key.read_bytes())
    refused = stat(server.certified, [{"url": server.certified, "ca": authority(server), "proxy": str(proxy)}])
    assert refused["error"] == "denied" and str(proxy) in refused["message"]


def test_a_token_is_found_as_the_wlcg_has_it(server: WebDAVServer, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    (tmp_path / f"bt_u{os.geteuid()}").write_text(TOKEN)
    directory = str(server.certificates.folder)
    for found in (
        {"BEARER_TOKEN": TOKEN},
        {"BEARER_TOKEN_FILE": str(tmp_path / "token")},
        {"XDG_RUNTIME_DIR": str(tmp_path)},
    ):
        davs = server.bearer.replace("https", "davs")
        assert "is_directory=True" in stat(davs, X509_CERT_DIR=directory, **found)
        # a server that is only https is shown the token when it has asked for one
        assert "is_directory=True" in stat(server.bearer, X509_CERT_DIR=directory, **found)
    missing = stat(davs, X509_CERT_DIR=directory, BEARER_TOKEN_FILE=str(tmp_path / "none"))
    assert missing["error"] == "denied" and "none" in missing["message"]


@pytest.mark.parametrize(
    "settings",
    [{"token": "another-token"}, {"user": USER, "password": "another-password"}, {"token": False}],
    ids=["token", "password", "nothing"],
)
def test_who_is_not_let_in_is_denied(server: WebDAVServer, settings: Mapping[str, Any]) -> None:
    for area in (server.bearer, server.basic):
        refused = stat(area, [{"url": area, "ca": authority(server), **settings}])
        assert refused["error"] == "denied", refused
        assert "another" not in refused["message"]


def test_a_password_lets_in(server: WebDAVServer, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(PASSWORD)
    settings = {"url": server.basic, "ca": authority(server), "user": USER, "password_file": str(tmp_path / "password")}
    assert "is_directory=True" in stat(server.basic, [settings])


def test_a_server_whom_nobody_vouches_for_is_not_talked_to(server: WebDAVServer) -> None:
    refused = stat(server.bearer, [{"url": server.bearer, "token": TOKEN}])
    assert refused["error"] == "denied"
    assert "X509_CERT_DIR" in refused["message"]
    other_name = server.https.replace("localhost", "127.0.0.2")
    refused = stat(other_name, [{"url": other_name, "ca": authority(server)}])
    assert refused["error"] in ("denied", "transient")


def test_a_store_that_only_reads_changes_nothing(server: WebDAVServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    (server.data / "kept").write_text("as it was")
    before = sorted(os.listdir(server.data))
    url = f"{server.read_only}/kept"
    answers = ask([
        ("store", [[[str(tmp_path / "file"), url]]]), ("delete", [[url]]), ("mkdir", [[f"{server.read_only}/new"]]),
        ("stat", [[url]]),
    ])  # fmt: skip
    assert [answer[0]["error"] for answer in answers[:3]] == ["denied"] * 3
    assert "size=9" in answers[3][0]
    assert sorted(os.listdir(server.data)) == before


def test_plain_http_is_read(server: WebDAVServer, tmp_path: Path) -> None:
    (server.data / "plain.txt").write_text("0123456789")
    url, local = f"{server.plain}/plain.txt", tmp_path / "here"
    answers = ask([
        ("stat", [[url, url + ".not"]]), ("look", [[url, url + ".not"]]), ("fetch", [[[url, str(local)]]]),
        ("read", [url, 3, 4]), ("store", [[[str(tmp_path / "here"), url]]]),
    ])  # fmt: skip
    assert "size=10" in answers[0][0] and answers[0][1]["error"] == "absent"
    assert answers[1] == ["True", "False"]
    assert local.read_text() == "0123456789"
    assert "3456" in answers[3][0]
    assert answers[4][0]["error"] in ("denied", "unsupported")
    assert (server.data / "plain.txt").read_text() == "0123456789"


def test_without_libcurl_one_message_says_what_to_install(server: WebDAVServer) -> None:
    refused = stat(server.http, MARTLET_LIBCURL="/nowhere/libcurl.so.4")
    assert refused["error"] == "unsupported"
    assert "libcurl4" in refused["message"] and "/nowhere" in refused["message"]


def test_a_digest_of_the_server_tells_of_a_byte_that_is_another_one(tmp_path: Path) -> None:
    """Over plain http, where neither TLS nor the length of the body would."""
    (tmp_path / "file").write_bytes(bytes(range(256)) * 4096)
    with tempfile.TemporaryDirectory(prefix="martlet-xrootd-") as folder:
        os.chmod(folder, 0o755)
        with xrootd.serving(Path(folder), ["http"]) as servers, Proxy(servers["http"].port) as proxy:
            known = [{"url": servers["http"].url, "checksum": "adler32"}]
            ((stored,),) = ask([("store", [[[str(tmp_path / "file"), f"{known[0]['url']}/file"]]])], known)
            assert "size=1048576" in stored
            root = servers["http"].through(proxy.port)
            proxy.corrupt(500_000, times=4)  # whichever connection the content comes by
            fetch = ("fetch", [[[f"{root}/file", str(tmp_path / "here")]]])
            ((damaged,),) = ask([fetch], [{"url": root, "checksum": "adler32", "retries": 0}])
            assert damaged["error"] == "corrupt"
            assert sorted(os.listdir(tmp_path)) == ["file"]
            ((whole,),) = ask([fetch], [{"url": root, "checksum": "none", "retries": 0}])
    assert "size=1048576" in whole, "the length alone says nothing"


def test_the_http_door_of_xrootd(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("Wikipedia")
    with tempfile.TemporaryDirectory(prefix="martlet-xrootd-") as folder:
        os.chmod(folder, 0o755)
        with xrootd.serving(Path(folder), ["http"]) as servers:
            root = servers["http"].url
            urls = [f"{root}/of/a/task/{name}" for name in ("file", "with blank", "none")]
            answers = ask(
                [
                    ("store", [[[str(tmp_path / "file"), url] for url in urls[:2]]]),
                    ("look", [urls * 3]),
                    ("list_directories", [[f"{root}/of/a/task", f"{root}/of/none"]]),
                    ("checksum", [urls]),
                    ("read", [urls[0], 4, 100]),
                    ("fetch", [[[url, str(tmp_path / f"here-{i}")] for i, url in enumerate(urls)]]),
                    ("delete", [[f"{root}/of/a/task", urls[0]]]),
                    ("look", [urls[:2]]),
                ],
                [{"url": root, "checksum": "adler32", "retries": 1}],
            )
    stored, seen, listed, sums, read, fetched, deleted, left = answers
    assert all("size=9" in status for status in stored), stored
    assert seen == ["True", "True", "False"] * 3
    assert "with blank" in listed[0] and listed[1]["error"] == "absent"
    assert "11e60398" in sums[0] and sums[2]["error"] == "absent"
    assert read == [repr(b"pedia")]
    assert "size=9" in fetched[0] and fetched[2]["error"] == "absent"
    assert (tmp_path / "here-1").read_text() == "Wikipedia" and not (tmp_path / "here-2").exists()
    assert deleted[0]["error"] == "unsupported" and deleted[1] == "None"
    assert left == ["False", "True"]

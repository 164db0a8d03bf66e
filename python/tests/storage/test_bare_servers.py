"""HTTP servers without MOVE, proxies that refuse, redirections to other schemes: nothing is lost or called absent."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from martlet import storage
from martlet.storage import Kind, StorageError


class BareServer(ThreadingHTTPServer):
    """Takes PUT, DELETE and HEAD alone, and may be told to be full, to spoil what it takes, or to redirect."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.is_full = False
        self.spoils = False
        self.location: str | None = None

    @property
    def url(self) -> str:
        return f"dav://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: BareServer

    def answer(self, status: int, **headers: str) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        self.send_response(status)
        for name, value in {"Content_Length": "0", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.server.is_full:
            return self.answer(507)
        self.server.files[self.path] = body[:1] if self.server.spoils else body
        self.answer(201)

    def do_DELETE(self) -> None:
        self.answer(404 if self.server.files.pop(self.path, None) is None else 204)

    def do_HEAD(self) -> None:
        content = self.server.files.get(self.path)
        if self.server.location is not None and self.path == "/store/a.root":
            return self.answer(302, Location=self.server.location)
        if content is None:
            return self.answer(404)
        self.answer(200, Content_Length=str(len(content)))

    def unknown(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.server.location is not None:
            return self.do_HEAD()
        self.answer(405)

    do_MOVE = do_PROPFIND = unknown

    def log_message(self, *_: Any) -> None:
        """Nothing: the tests ask for `asked`."""


@pytest.fixture
def server() -> Iterator[BareServer]:
    with BareServer() as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def store(server: BareServer, tmp_path: Path, text: str) -> Any:
    local = tmp_path / "local"
    local.write_text(text)
    return storage.store([(str(local), f"{server.url}/s/a.root")])[0]


def test_a_refused_store_leaves_the_earlier_result(server: BareServer, tmp_path: Path) -> None:
    assert store(server, tmp_path, "good").size == 4
    server.is_full = True
    assert isinstance(store(server, tmp_path, "newer"), StorageError)
    assert server.files == {"/s/a.root": b"good"}


def test_what_arrived_damaged_has_no_name(server: BareServer, tmp_path: Path) -> None:
    assert store(server, tmp_path, "good").size == 4  # the server is known to lack MOVE from here on
    server.spoils = True
    answer = store(server, tmp_path, "newer")
    assert isinstance(answer, StorageError) and answer.kind is Kind.CORRUPT
    assert server.files == {}


@pytest.mark.parametrize("place", ["root://eos.example.org//eos/a", "https://me:hunter2@127.0.0.1:1/a", "mailto:me"])
def test_a_redirection_elsewhere_is_no_path_of_the_server(server: BareServer, place: str) -> None:
    server.location = place
    (looked,) = storage.look([f"{server.url}/store/a.root"])
    assert isinstance(looked, StorageError) and looked.kind is not Kind.ABSENT
    assert "hunter2" not in str(looked)
    assert {line.split()[1] for line in server.asked} <= {"/store/a.root", "/store/", "/store"}


@contextmanager
def refusing_proxy() -> Iterator[int]:
    """The port of a proxy that answers every CONNECT with 404."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return  # the test is over
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 404 No upstream\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def test_the_answer_of_a_proxy_is_none_of_the_store() -> None:
    with refusing_proxy() as port:
        script = "from martlet import storage; print(storage.look(['davs://door.example.org:2880/pnfs/a.root']))"
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, timeout=120,
            env={**os.environ, "https_proxy": f"http://127.0.0.1:{port}", "no_proxy": ""},
        )  # fmt: skip
    assert "transient" in done.stdout.lower() and "False" not in done.stdout, done.stdout + done.stderr

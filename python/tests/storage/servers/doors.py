"""HTTP servers that run in a thread of the test, and doors: servers that pass on to another one what they are asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

_OURS = ("connection", "expect", "content-length", "transfer-encoding", "date", "server")
"""Headers that belong to one of the two connections."""
_LIMIT = 60
"""Seconds that the server may take for an answer."""


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[int]:
    """Answers until the block ends; gives the port."""
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class QuietHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing is printed."""


class Asked(NamedTuple):
    method: str
    path: str
    depth: str | None
    """The header of that name."""


class Door:
    """Stands before the server on a port of this machine; a subclass says what becomes of its answers."""

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.lock = threading.Lock()
        self._http = _Server(self)
        self.port: int = self._http.server_port

    @contextmanager
    def open(self) -> Iterator[None]:
        """Passes on what it is asked until the block ends."""
        with serving(self._http):
            yield

    def answered(self, asked: Asked, status: int, content: bytes) -> tuple[int, bytes] | None:
        """What is answered instead; None: the connection ends without an answer. Called from several threads."""
        return status, content


class Losing(Door):
    """Loses answers: what was asked has been done, and who asked never hears of it."""

    def __init__(self, upstream: int) -> None:
        super().__init__(upstream)
        self.to_lose: list[str] = []
        """Parts of `METHOD /path?query`: the answer to the next request that has one of them is lost."""
        self.lost: list[str] = []
        """Those that were lost."""

    def answered(self, asked: Asked, status: int, content: bytes) -> tuple[int, bytes] | None:
        with self.lock:
            for part in self.to_lose:
                if part in f"{asked.method} {asked.path}" and status < 400:
                    self.to_lose.remove(part)
                    self.lost.append(part)
                    return None
        return status, content


@contextmanager
def losing(upstream: int) -> Iterator[Losing]:
    """Before the server on that port of this machine."""
    door = Losing(upstream)
    with door.open():
        yield door


class _Server(ThreadingHTTPServer):
    def __init__(self, door: Door) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.door = door


class _Handler(QuietHandler):
    server: _Server

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        connection = HTTPConnection("127.0.0.1", self.server.door.upstream, timeout=_LIMIT)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _OURS}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        asked = Asked(self.command, self.path, self.headers.get("Depth"))
        said = self.server.door.answered(asked, answer.status, content)
        if said is None:
            self.close_connection = True
            return
        status, content = said
        self.send_response(status)
        for name, value in answer.getheaders():
            if name.lower() not in _OURS:
                self.send_header(name, value)
        if self.command == "HEAD":
            self.send_header("Content-Length", answer.getheader("Content-Length") or "0")
        elif status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_OPTIONS = _pass
    do_PROPFIND = do_MOVE = do_MKCOL = do_COPY = _pass

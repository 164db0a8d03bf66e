"""Stands before a WebDAV server and shows files late: they can be read at once, and are listed, or known, later."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_RESPONSE = re.compile(rb"<D:response\b.*?</D:response>\s*", re.DOTALL)
_OURS = ("connection", "expect", "content-length", "transfer-encoding", "date", "server")
"""Headers that belong to one of the two connections."""
_LIMIT = 60
"""Seconds that the server may take for an answer."""


class Lagging:
    """The server as it is seen from outside."""

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.withheld = 0
        """Entries that were left out of listings."""
        self.denied: Counter[str] = Counter()
        """How often a path was said not to be there, though it is."""
        self.denials = 0
        """So often each file that is there is said not to be, when it is asked for itself."""
        self.lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self.port: int = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,))

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def shortened(self, listing: bytes) -> bytes:
        """Without the files in it."""

        def left(match: re.Match[bytes]) -> bytes:
            if b"<D:collection/>" in match.group():
                return match.group()
            with self.lock:
                self.withheld += 1
            return b""

        return _RESPONSE.sub(left, listing)

    def denies(self, path: str) -> bool:
        with self.lock:
            if self.denied[path] >= self.denials:
                return False
            self.denied[path] += 1
            return True


@contextmanager
def lagging(upstream: int) -> Iterator[Lagging]:
    """Before the server on that port of this machine."""
    server = Lagging(upstream)
    server.begin()
    try:
        yield server
    finally:
        server.end()


def _handler(server: Lagging) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        before = server

    return Handler


class _Handler(BaseHTTPRequestHandler):
    before: Lagging
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing is printed."""

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        connection = HTTPConnection("127.0.0.1", self.before.upstream, timeout=_LIMIT)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _OURS}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        status = answer.status
        if self.command == "PROPFIND" and status == 207:
            if self.headers.get("Depth") == "1":
                content = self.before.shortened(content)
            elif b"<D:collection/>" not in content and self.before.denies(self.path):
                status, content = 404, b""
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

    do_GET = do_HEAD = do_PUT = do_DELETE = do_OPTIONS = _pass
    do_PROPFIND = do_MOVE = do_MKCOL = do_COPY = _pass

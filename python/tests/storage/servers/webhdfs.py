"""What is used of WebHDFS, over a folder, after Hadoop's documentation of the protocol.

As name node and data node at once: contents go to, and come from, where it redirects to.
"""

from __future__ import annotations

import json
import os
import shutil
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from .doors import QuietHandler

_PREFIX = "/webhdfs/v1"


class WebHDFS(ThreadingHTTPServer):
    def __init__(self, root: Path, knows_options: bool) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.root = root
        self.knows_options = knows_options
        """Whether a rename may replace when it is asked to, as name nodes know, and HttpFS does not."""


class _Handler(QuietHandler):
    server: WebHDFS

    def _serve(self) -> None:
        url = urlsplit(self.path)
        asked = dict(parse_qsl(url.query))
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self._here(unquote(url.path).removeprefix(_PREFIX))
        try:
            getattr(self, f"_{asked['op'].lower()}")(path, asked, body)
        except FileNotFoundError:
            error = {"exception": "FileNotFoundException", "message": f"File does not exist: {path}"}
            self._say({"RemoteException": error}, 404)

    do_GET = do_PUT = do_POST = do_DELETE = _serve

    def _here(self, path: str) -> Path:
        return self.server.root / path.lstrip("/")

    def _say(self, answer: Any, status: int = 200) -> None:
        self._send(b"" if answer is None else json.dumps(answer).encode(), status)

    def _send(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _redirect(self) -> None:
        host, port = self.server.server_address[:2]
        self._send(b"", 307, Location=f"http://{host!s}:{port}{self.path}&node=data")

    @staticmethod
    def _facts(path: Path, suffix: str) -> dict[str, Any]:
        status = path.stat()
        kind = "DIRECTORY" if path.is_dir() else "FILE"
        length = 0 if path.is_dir() else status.st_size
        return {
            "pathSuffix": suffix, "type": kind, "length": length,
            "modificationTime": status.st_mtime_ns // 1_000_000,
        }  # fmt: skip

    # the operations that there are

    def _getfilestatus(self, path: Path, asked: dict[str, str], body: bytes) -> None:
        self._say({"FileStatus": self._facts(path, "")})

    def _liststatus(self, path: Path, asked: dict[str, str], body: bytes) -> None:
        inside = [self._facts(one, one.name) for one in path.iterdir()] if path.is_dir() else [self._facts(path, "")]
        self._say({"FileStatuses": {"FileStatus": inside}})

    def _open(self, path: Path, asked: dict[str, str], body: bytes) -> None:
        content = path.read_bytes()[int(asked.get("offset", 0)) :]
        self._send(content[: int(asked["length"])] if "length" in asked else content)

    def _create(self, path: Path, asked: dict[str, str], body: bytes) -> None:
        if "node" not in asked:
            return self._redirect()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        self._say(None, 201)

    def _append(self, path: Path, asked: dict[str, str], body: bytes) -> None:
        if "node" not in asked:
            return self._redirect()
        with path.open("ab") as file:
            file.write(body)
        self._say(None)

    def _mkdirs(self, path: Path, asked: dict[str, str], body: bytes) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._say({"boolean": True})

    def _delete(self, path: Path, asked: dict[str, str], body: bytes) -> None:
        there = path.exists()
        if there:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        self._say({"boolean": there})

    def _rename(self, path: Path, asked: dict[str, str], body: bytes) -> None:
        new = self._here(asked["destination"])
        if "renameoptions" in asked and self.server.knows_options:
            os.replace(path, new)
            return self._say(None)
        done = path.exists() and new.parent.is_dir() and not new.exists()
        if done:
            path.rename(new)
        self._say({"boolean": done})

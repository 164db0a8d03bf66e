"""Dropbox's HTTP API, as far as Martlet uses it, on loopback: written from the public documentation of the API.

It checks tokens, arguments and digests as strictly as the service does, takes names that differ in case alone for one,
and lies, loses, delays and refuses when told to. Dropbox's own Python client talks to it in the tests, too.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from .dropbox_files import Files, Refused
from .servers.doors import QuietHandler, serving

TOKEN = "sl.test-token-51cd"
REFRESH_TOKEN, APP_KEY, APP_SECRET = "refresh-9f02", "app-key-1", "app-secret-77aa"
LARGEST_BODY = 150 << 20


@dataclass
class Fault:
    """What happens to the next `times` calls whose name ends in `call`."""

    call: str
    deed: str
    """`status`, `reset` before or `reset-after` the deed, `truncate`, `damage`, `lose`, `hang`, `crowd`."""
    times: int = 1
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)


class DropboxServer:
    """A server that runs."""

    def __init__(self) -> None:
        self.files = Files()
        self.tokens = {TOKEN}
        """Those that count now."""
        self.issued = 0
        """How many access tokens were given for the refresh token."""
        self.calls: list[str] = []
        """The names of all calls, in order."""
        self.faults: list[Fault] = []
        self.lock = threading.Lock()
        self.released = threading.Event()
        """Lets calls go on that hang."""
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def options(self) -> dict[str, Any]:
        """What a store of the configuration has to say, besides where the token is."""
        return {"endpoint": self.endpoint}

    def limit(self, size: int) -> None:
        """Lets it hold so many bytes from now on."""
        with self.lock:
            self.files.quota = size

    def close(self) -> None:
        """Nothing in it may be changed from now on."""
        with self.lock:
            self.files.is_writable = False

    def fault(self, call: str, deed: str, times: int = 1, status: int = 503, **headers: str) -> None:
        with self.lock:
            self.faults.append(Fault(call, deed, times, status, {k.replace("_", "-"): v for k, v in headers.items()}))

    def take_fault(self, call: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and call.endswith(fault.call):
                    fault.times -= 1
                    return fault
        return None

    def renew(self, form: Mapping[str, list[str]]) -> tuple[int, dict[str, Any]]:
        """`oauth2/token`."""
        known = {
            "grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN, "client_id": APP_KEY,
            "client_secret": APP_SECRET,
        }  # fmt: skip
        if {name: values[0] for name, values in form.items()} != known:
            return 400, {"error": "invalid_grant", "error_description": "refresh token is invalid or revoked"}
        with self.lock:
            self.issued += 1
            token = f"sl.issued-{self.issued}-{uuid.uuid4().hex[:8]}"
            self.tokens.add(token)
        return 200, {"access_token": token, "expires_in": 14400, "token_type": "bearer"}

    @contextmanager
    def open(self) -> Iterator[None]:
        """Answers until the block ends."""
        with serving(self._http):
            try:
                yield
            finally:
                self.released.set()


@contextmanager
def dropbox_server() -> Iterator[DropboxServer]:
    """An empty Dropbox."""
    server = DropboxServer()
    with server.open():
        yield server


class _Malformed(Exception):
    """An argument that no client of the service would send: 400, in plain text."""


def _handler(server: DropboxServer) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        service = server

    return Handler


class _Handler(QuietHandler):
    service: DropboxServer

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_POST(self) -> None:  # as http.server calls it
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/oauth2/token":
            status, answer = self.service.renew(parse_qs(body.decode()))
            return self._json(status, answer)
        name = self.path.removeprefix("/2/files/")
        with self.service.lock:
            self.service.calls.append(name)
        fault = self.service.take_fault(name)
        if fault and fault.deed == "hang":
            self.service.released.wait()
        if fault and fault.deed == "reset":
            return self._hang_up()
        if fault and fault.deed == "status":
            return self._answer(fault.status, b"the service is not available", "text/plain", fault.headers)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.service.tokens:
            tag = "expired_access_token" if token.startswith("sl.") else "invalid_access_token"
            return self._json(401, {"error_summary": f"{tag}/...", "error": {".tag": tag}})
        try:
            self._carry_out(name, body, fault)
        except _Malformed as why:
            words = f'Error in call to API function "files/{name}": {why}'
            self._answer(400, words.encode(), "text/plain; charset=utf-8")
        except Refused as refused:
            self._json(409, {"error_summary": f"{refused.summary}/..", "error": refused.error})

    def _carry_out(self, name: str, body: bytes, fault: Fault | None) -> None:
        call = _CALLS.get(name)
        if call is None:
            raise _Malformed(f"Unknown API function: {name!r}")
        argument = self._argument(call, body)
        if fault and fault.deed == "crowd":
            raise Refused("too_many_write_operations")
        content = b"" if call.shape == "call" else body
        with self.service.lock:
            files = self.service.files
            before = files.copy() if fault and fault.deed == "lose" else None
            answer = call.carry_out(files, argument, content)
            if before is not None:
                self.service.files = before
        if fault and fault.deed == "reset-after":
            return self._hang_up()
        if call.shape == "download":
            return self._content(answer, fault)
        self._json(200, answer)

    def _argument(self, call: _Call, body: bytes) -> dict[str, Any]:
        kind = self.headers.get("Content-Type")
        if call.shape == "call":
            if kind != "application/json":
                raise _Malformed(f'Bad HTTP "Content-Type" header: {kind!r}. Expecting "application/json".')
            text = body.decode()
        else:
            text = self.headers.get("Dropbox-API-Arg", "")
            if not text:
                raise _Malformed("Must provide HTTP header \"Dropbox-API-Arg\".")
            if not text.isascii():
                raise _Malformed("HTTP header \"Dropbox-API-Arg\": not ASCII")
            if call.shape == "upload" and kind != "application/octet-stream":
                raise _Malformed(f'Bad HTTP "Content-Type" header: {kind!r}.')
            if call.shape == "download" and kind not in (None, "", "text/plain", "application/octet-stream"):
                raise _Malformed(f'Bad HTTP "Content-Type" header: {kind!r}.')
            if len(body) > LARGEST_BODY:
                raise Refused("payload_too_large")
        try:
            argument = json.loads(text)
        except ValueError as error:
            raise _Malformed(f"could not decode input as JSON: {error}") from error
        if not isinstance(argument, dict):
            raise _Malformed("expected object")
        _check(argument, call.fields)
        return argument

    def _content(self, answer: tuple[dict[str, Any], bytes], fault: Fault | None) -> None:
        metadata, content = answer
        status, headers = 200, {"Dropbox-API-Result": json.dumps(metadata), "ETag": f'W/"{metadata["rev"]}"'}
        wanted = self.headers.get("Range")
        if wanted:
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            if int(first) >= len(content):
                return self._answer(416, b"", "text/plain", {"Content-Range": f"bytes */{len(content)}"})
            end = min(int(last or len(content)), len(content) - 1)
            headers["Content-Range"] = f"bytes {first}-{end}/{len(content)}"
            status, content = 206, content[int(first) : end + 1]
        if fault and fault.deed == "damage":
            content = bytes([content[0] ^ 1]) + content[1:]
        cut = len(content) // 2 if fault and fault.deed == "truncate" else None
        self._answer(status, content, "application/octet-stream", headers, cut)

    # -- answers

    def _json(self, status: int, answer: object) -> None:
        self._answer(status, json.dumps(answer).encode(), "application/json")

    def _answer(
        self, status: int, content: bytes, kind: str, headers: Mapping[str, str] | None = None, cut: int | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Dropbox-Request-Id", uuid.uuid4().hex)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content if cut is None else content[:cut])
        if cut is not None:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()


# -- arguments


@dataclass(frozen=True)
class _Call:
    shape: str
    """`call`: the argument is the body; `upload`, `download`: it is in a header."""
    fields: Mapping[str, Any]
    """The type of each field, `?` behind the name where it may lack; of objects, their fields."""
    carry_out: Any


def _check(value: Mapping[str, Any], fields: Mapping[str, Any], where: str = "") -> None:
    known = {name.rstrip("?"): kind for name, kind in fields.items()}
    for name in value:
        if name not in known:
            raise _Malformed(f"request body: {where}unknown field {name!r}")
    for name, kind in fields.items():
        plain = name.rstrip("?")
        if plain not in value or (value[plain] is None and name.endswith("?")):
            if not name.endswith("?"):
                raise _Malformed(f"request body: {where}missing required field {plain!r}")
        elif isinstance(kind, dict):
            if not isinstance(value[plain], dict):
                raise _Malformed(f"request body: {where}{plain}: expected object")
            _check(value[plain], kind, f"{plain}.")
        elif isinstance(kind, list):
            for element in value[plain]:
                _check(element, kind[0], f"{plain}.")
        elif not isinstance(value[plain], kind) or (kind is int and isinstance(value[plain], bool)):
            raise _Malformed(f"request body: {where}{plain}: expected {kind}")


_MODE = (str, dict)
_COMMIT = {
    "path": str, "mode?": _MODE, "autorename?": bool, "client_modified?": str, "mute?": bool, "property_groups?": list,
    "strict_conflict?": bool,
}  # fmt: skip
_CURSOR = {"session_id": str, "offset": int}
_FINISH = {"cursor": _CURSOR, "commit": _COMMIT, "content_hash?": str}
_CALLS: Mapping[str, _Call] = {
    "get_metadata": _Call(
        "call",
        {
            "path": str, "include_media_info?": bool, "include_deleted?": bool,
            "include_has_explicit_shared_members?": bool,
        },
        lambda files, a, _: files.metadata(a["path"]),
    ),
    "list_folder": _Call(
        "call",
        {
            "path": str, "recursive?": bool, "include_media_info?": bool, "include_deleted?": bool, "limit?": int,
            "include_has_explicit_shared_members?": bool, "include_mounted_folders?": bool,
            "include_non_downloadable_files?": bool, "include_restorable_info?": bool, "shared_link?": dict,
            "include_property_groups?": dict,
        },
        lambda files, a, _: files.list_folder(a["path"], a.get("limit") or 500),
    ),
    "list_folder/continue": _Call("call", {"cursor": str}, lambda files, a, _: files.go_on(a["cursor"])),
    "create_folder_v2": _Call(
        "call", {"path": str, "autorename?": bool}, lambda files, a, _: {"metadata": files.create_folder(a["path"])}
    ),
    "delete_v2": _Call(
        "call", {"path": str, "parent_rev?": str},
        lambda files, a, _: {"metadata": files.delete(a["path"], a.get("parent_rev"))},
    ),
    "move_v2": _Call(
        "call",
        {
            "from_path": str, "to_path": str, "autorename?": bool, "allow_shared_folder?": bool,
            "allow_ownership_transfer?": bool,
        },
        lambda files, a, _: {"metadata": files.move(a["from_path"], a["to_path"])},
    ),
    "upload_session/start": _Call(
        "upload", {"close?": bool, "session_type?": _MODE, "content_hash?": str},
        lambda files, a, content: files.start(content, a.get("close", False), a.get("content_hash")),
    ),
    "upload_session/append_v2": _Call(
        "upload", {"cursor": _CURSOR, "close?": bool, "content_hash?": str},
        lambda files, a, content: files.append(a["cursor"], content, a.get("close", False), a.get("content_hash")),
    ),
    "upload_session/finish_batch_v2": _Call(
        "call", {"entries": [_FINISH]}, lambda files, a, _: {"entries": [files.finish_entry(e) for e in a["entries"]]}
    ),
    "download": _Call("download", {"path": str, "rev?": str}, lambda files, a, _: files.download(a["path"])),
}  # fmt: skip


if __name__ == "__main__":  # by hand: python -m storage.dropbox_server
    with dropbox_server() as by_hand:
        print("dropbox:///", json.dumps({**by_hand.options, "token": TOKEN}), flush=True)
        sys.stdin.read()

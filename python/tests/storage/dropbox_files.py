"""What is in a Dropbox: files, folders, revisions and upload sessions, with the refusals of the documentation."""

from __future__ import annotations

import copy
import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

BLOCK = 4 << 20


class Refused(Exception):
    """A refusal with the tags of its error, outermost first: 409."""

    def __init__(self, *tags: str, **fields: Any) -> None:
        super().__init__("/".join(tags))
        self.summary = "/".join(tags)
        error: dict[str, Any] = {".tag": tags[-1], **fields}
        for outer in reversed(tags[:-1]):
            error = {".tag": outer, outer: error}
        self.error = error


def content_hash(content: bytes) -> str:
    """"Content hash" of the developers' reference."""
    digests = (hashlib.sha256(content[at : at + BLOCK]).digest() for at in range(0, len(content), BLOCK))
    return hashlib.sha256(b"".join(digests)).hexdigest()


@dataclass
class _File:
    path: str
    content: bytes
    revision: str
    modified: str = field(default_factory=lambda: datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"))

    @property
    def metadata(self) -> dict[str, Any]:
        name = self.path.rpartition("/")[2]
        return {
            ".tag": "file", "name": name, "path_lower": self.path.lower(), "path_display": self.path,
            "id": f"id:{hashlib.md5(self.path.lower().encode()).hexdigest()[:22]}", "client_modified": self.modified,
            "server_modified": self.modified, "rev": self.revision, "size": len(self.content), "is_downloadable": True,
            "content_hash": content_hash(self.content),
        }  # fmt: skip


@dataclass
class _Session:
    content: bytes = b""
    is_closed: bool = False


class Files:
    """Keys are paths in lower case."""

    def __init__(self, quota: int = 1 << 40) -> None:
        self.quota = quota
        self.is_writable = True
        self.files: dict[str, _File] = {}
        self.folders: dict[str, str] = {"": ""}
        self.revisions: dict[str, _File] = {}
        self.sessions: dict[str, _Session] = {}
        self.cursors: dict[str, list[dict[str, Any]]] = {}
        self._numbers = itertools.count(1)
        self.page = 500
        """Entries of a listing that are told at once, at the most."""

    def copy(self) -> Files:
        other = copy.copy(self)
        for name in ("files", "folders", "revisions", "sessions", "cursors"):
            setattr(other, name, dict(getattr(self, name)))
        return other

    # -- asking

    def metadata(self, path: str) -> dict[str, Any]:
        key = _key(path, "path")
        if key == "":
            raise Refused("path", "malformed_path")
        if key in self.files:
            return self.files[key].metadata
        if key in self.folders:
            return self._folder(key)
        raise Refused("path", "not_found")

    def list_folder(self, path: str, limit: int) -> dict[str, Any]:
        key = _key(path, "path")
        if key in self.files:
            raise Refused("path", "not_folder")
        if key not in self.folders:
            raise Refused("path", "not_found")
        inside = [name for name in (*self.folders, *self.files) if name and name.rpartition("/")[0] == key]
        entries = [self.files[name].metadata if name in self.files else self._folder(name) for name in inside]
        cursor = f"cursor-{next(self._numbers)}"
        self.cursors[cursor] = entries
        return self.go_on(cursor, min(limit, self.page))

    def go_on(self, cursor: str, limit: int | None = None) -> dict[str, Any]:
        if cursor not in self.cursors:
            raise Refused("reset")
        entries = self.cursors.pop(cursor)
        limit = limit or self.page
        following = f"cursor-{next(self._numbers)}"
        self.cursors[following] = entries[limit:]
        return {"entries": entries[:limit], "cursor": following, "has_more": len(entries) > limit}

    def download(self, path: str) -> tuple[dict[str, Any], bytes]:
        if path.startswith("rev:"):
            file = self.revisions.get(path.removeprefix("rev:"))
            if file is None:
                raise Refused("path", "not_found")
        else:
            key = _key(path, "path")
            if key in self.folders:
                raise Refused("path", "not_file")
            if key not in self.files:
                raise Refused("path", "not_found")
            file = self.files[key]
        return file.metadata, file.content

    def _folder(self, key: str) -> dict[str, Any]:
        path = self.folders[key]
        return {
            ".tag": "folder", "name": path.rpartition("/")[2], "path_lower": key, "path_display": path,
            "id": f"id:{hashlib.md5(key.encode()).hexdigest()[:22]}",
        }  # fmt: skip

    # -- changing

    def create_folder(self, path: str) -> dict[str, Any]:
        key = _key(path, "path")
        if key in self.files:
            raise Refused("path", "conflict", "file")
        if key in self.folders:
            raise Refused("path", "conflict", "folder")
        self._check_writable("path")
        self._make_parents(path, "path")
        self.folders[key] = path
        entry = self._folder(key)
        del entry[".tag"]  # the answer can be nothing else
        return entry

    def delete(self, path: str, parent_revision: str | None) -> dict[str, Any]:
        key = _key(path, "path_lookup")
        if key in self.files or key in self.folders:
            self._check_writable("path_write")
        if key in self.files:
            if parent_revision is not None and self.files[key].revision != parent_revision:
                raise Refused("path_write", "conflict", "file")
            return self.files.pop(key).metadata
        if key == "" or key not in self.folders:
            raise Refused("path_lookup", "not_found")
        if parent_revision is not None:
            raise Refused("path_lookup", "not_file")
        entry = self._folder(key)
        for names in (self.files, self.folders):
            for name in [name for name in names if name == key or name.startswith(key + "/")]:
                del names[name]
        return entry

    def move(self, source: str, to: str) -> dict[str, Any]:
        key, target = _key(source, "from_lookup"), _key(to, "to")
        if key not in self.files and key not in self.folders:
            raise Refused("from_lookup", "not_found")
        if key in self.folders:
            raise Refused("cant_move_folder_into_itself")
        self._check_writable("from_write")
        if target in self.files or target in self.folders:
            raise Refused("to", "conflict", "file" if target in self.files else "folder")
        self._make_parents(to, "to")
        content = self.files.pop(key).content
        return self._keep(to, content).metadata

    def _commit(self, commit: Mapping[str, Any], content: bytes) -> dict[str, Any]:
        path = commit["path"]
        key = _key(path, "path")
        self._check_writable("path")
        mode = commit.get("mode", "add")
        mode = mode[".tag"] if isinstance(mode, dict) else mode
        if key in self.folders:
            raise Refused("path", "conflict", "folder")
        if key in self.files and mode != "overwrite":
            raise Refused("path", "conflict", "file")
        taken = sum(len(file.content) for name, file in self.files.items() if name != key)
        if taken + len(content) > self.quota:
            raise Refused("path", "insufficient_space")
        self._make_parents(path, "path")
        return self._keep(path, content).metadata

    def _check_writable(self, where: str) -> None:
        if not self.is_writable:
            raise Refused(where, "no_write_permission")

    def _keep(self, path: str, content: bytes) -> _File:
        file = _File(path, content, f"{next(self._numbers):015x}")
        self.files[path.lower()] = self.revisions[file.revision] = file
        return file

    def _make_parents(self, path: str, where: str) -> None:
        parts = path.split("/")[1:-1]
        for count in range(1, len(parts) + 1):
            parent = "/" + "/".join(parts[:count])
            if parent.lower() in self.files:
                raise Refused(where, "conflict", "file_ancestor")
            self.folders.setdefault(parent.lower(), parent)

    # -- upload sessions

    def start(self, content: bytes, close: bool, digest: str | None) -> dict[str, str]:
        _compare(content, digest)
        name = f"pid_upload_session:{next(self._numbers):020d}"
        self.sessions[name] = _Session(content, close)
        return {"session_id": name}

    def append(self, cursor: Mapping[str, Any], content: bytes, close: bool, digest: str | None) -> None:
        session = self.sessions.get(cursor["session_id"])
        if session is None:
            raise Refused("not_found")
        if session.is_closed:
            raise Refused("closed")
        if cursor["offset"] != len(session.content):
            raise Refused("incorrect_offset", correct_offset=len(session.content))
        _compare(content, digest)
        session.content += content
        session.is_closed = close

    def finish_entry(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """Of a batch: each may fail for itself."""
        try:
            session = self.sessions.get(entry["cursor"]["session_id"])
            if session is not None and not session.is_closed:
                raise Refused("lookup_failed", "not_closed")
            metadata = self._finish(entry["cursor"], entry["commit"])
        except Refused as refused:
            return {".tag": "failure", "failure": refused.error}
        return {**metadata, ".tag": "success"}

    def _finish(self, cursor: Mapping[str, Any], commit: Mapping[str, Any]) -> dict[str, Any]:
        session = self.sessions.get(cursor["session_id"])
        if session is None:
            raise Refused("lookup_failed", "not_found")
        if cursor["offset"] != len(session.content):
            raise Refused("lookup_failed", "incorrect_offset", correct_offset=len(session.content))
        metadata = self._commit(commit, session.content)
        del self.sessions[cursor["session_id"]]
        return metadata


def _key(path: str, where: str) -> str:
    """"Path formats" of the documentation; names are compared in lower case."""
    if path and (not path.startswith("/") or path.endswith("/") or "//" in path or len(path.encode()) > 4096):
        raise Refused(where, "malformed_path")
    if any(part in (".", "..") or len(part.encode()) > 255 for part in path.split("/")):
        raise Refused(where, "malformed_path")
    return path.lower()


def _compare(content: bytes, digest: str | None) -> None:
    if digest is not None and digest != content_hash(content):
        raise Refused("content_hash_mismatch")

"""What fsspec's file systems say of files, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from ..values import DirectoryEntry, FileStatus

_SECOND = 1_000_000_000
_MILLISECONDS = "modificationTime"
"""HDFS's word, and unit."""
_TIMES = ("mtime", "LastModified", "last_modified", "modified", "updated", "created")
"""Where it says when a file was written, the best word first."""


def status(info: Mapping[str, Any]) -> FileStatus:
    return FileStatus(int(info.get("size") or 0), _modified(info), info["type"] == "directory")


def entries(listed: Sequence[Mapping[str, Any]], directory: str) -> list[DirectoryEntry]:
    """What is directly inside. Raises NotADirectoryError of a file."""
    inside = []
    for info in listed:
        path = str(info["name"]).rstrip("/")
        if path.strip("/") == directory.strip("/"):
            if info["type"] != "directory":
                raise NotADirectoryError(f"{directory} is a file")
            continue  # object stores may have one that stands for the directory
        one = status(info)
        inside.append(DirectoryEntry(path.rpartition("/")[2], one.is_directory, one.size, one.modified or None))
    return inside


def _modified(info: Mapping[str, Any]) -> int:
    """Nanoseconds; 0 where it does not say."""
    if isinstance(info.get(_MILLISECONDS), int):
        return int(info[_MILLISECONDS]) * (_SECOND // 1000)
    value = next((info[name] for name in _TIMES if info.get(name)), None)
    if isinstance(value, str):
        value = _parsed(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            value = value.replace(tzinfo=timezone.utc)
        value = value.timestamp()
    return round(value * _SECOND) if isinstance(value, int | float) else 0


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None

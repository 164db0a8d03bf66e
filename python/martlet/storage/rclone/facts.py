"""What rclone says of files and remotes, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from ..values import DirectoryEntry, FileStatus

_SECOND = 1_000_000_000


class Features(NamedTuple):
    """What a remote can do."""

    moves_in_one_step: bool
    """By a rename, or by the copy of an object, of which nothing is seen before it is whole."""
    replaces_in_one_step: bool
    """Where it copies. Where it renames, rclone removes what is there first."""
    has_directories: bool
    """Also empty ones."""
    digests: frozenset[str]


def features(info: Mapping[str, Any]) -> Features:
    can = info["Features"]
    moves = can.get("Move") or (can.get("Copy") and can.get("BucketBased"))
    has_directories = bool(can.get("CanHaveEmptyDirectories"))
    return Features(bool(moves), not can.get("Move"), has_directories, frozenset(info.get("Hashes") or ()))


def status(item: Mapping[str, Any]) -> FileStatus:
    return FileStatus(max(0, item["Size"]), _nanoseconds(item["ModTime"]), item["IsDir"])


def entries(items: Sequence[Mapping[str, Any]]) -> list[DirectoryEntry]:
    found = []
    for item in items:
        one = status(item)
        found.append(DirectoryEntry(item["Name"], one.is_directory, one.size, one.modified or None))
    return found


def _nanoseconds(time: str) -> int:
    """Since 1970, of RFC 3339 with up to nine digits of a second."""
    if not time:
        return 0
    whole, _, rest = time.partition(".")
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    zone = rest[len(digits) :] if rest else ""
    moment = datetime.fromisoformat((whole + zone).replace("Z", "+00:00"))
    return int(moment.timestamp()) * _SECOND + int(digits.ljust(9, "0") or 0)

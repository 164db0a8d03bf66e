"""What XRootD servers answer, as values."""

from __future__ import annotations

from typing import Any

from XRootD.client.flags import StatInfoFlags

from ..values import Checksum, DirectoryEntry, FileStatus

_SECOND = 1_000_000_000


def nothing(response: Any) -> None:
    return None


def status(info: Any) -> FileStatus:
    return FileStatus(info.size, info.modtime * _SECOND, bool(info.flags & StatInfoFlags.IS_DIR))


def entries(listed: Any) -> list[DirectoryEntry]:
    found = []
    for entry in listed:
        info = status(entry.statinfo)
        found.append(DirectoryEntry(entry.name, info.is_directory, info.size, info.modified))
    return found


def checksum(response: bytes) -> Checksum:
    """`adler32 62c0215`, ended by a NUL; some servers leave leading zeros out."""
    algorithm, _, digest = response.rstrip(b"\0\n ").decode().partition(" ")
    algorithm = algorithm.lower()
    return Checksum(algorithm, digest.strip().lower().zfill(8 if algorithm == "adler32" else 0))

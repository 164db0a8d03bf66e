"""Stores of files, remote and local alike: what targets are built on.

Locations are URLs (`davs://`, `s3://`, `root://`, …) or local paths. Calls take many at once and answer in order; where
one failed, its answer is a StorageError, which `value()` raises. Remote stores are reached through helper processes, so
that this one can fork. Unreachable is never absent.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .backend import Backend
    from .calls import (
        checksum,
        commit,
        delete,
        fetch,
        list_directories,
        look,
        mkdir,
        put,
        read,
        stat,
        store,
        unfinished,
        value,
    )  # fmt: skip
    from .errors import Kind, StorageError
    from .launching import end_couriers
    from .values import Checksum, DirectoryEntry, FileStatus, Progress, Transfer, UnfinishedUpload

_HOMES = {
    "Backend": "backend",
    "Checksum": "values",
    "DirectoryEntry": "values",
    "FileStatus": "values",
    "Kind": "errors",
    "Progress": "values",
    "StorageError": "errors",
    "Transfer": "values",
    "UnfinishedUpload": "values",
    "checksum": "calls",
    "commit": "calls",
    "delete": "calls",
    "end_couriers": "launching",
    "fetch": "calls",
    "list_directories": "calls",
    "look": "calls",
    "mkdir": "calls",
    "put": "calls",
    "read": "calls",
    "stat": "calls",
    "store": "calls",
    "unfinished": "calls",
    "value": "calls",
}
"""Names, and the modules here that they are imported from when somebody uses them: many only name a store."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


__all__ = [
    "Backend",
    "Checksum",
    "DirectoryEntry",
    "FileStatus",
    "Kind",
    "Progress",
    "StorageError",
    "Transfer",
    "UnfinishedUpload",
    "checksum",
    "commit",
    "delete",
    "end_couriers",
    "fetch",
    "list_directories",
    "look",
    "mkdir",
    "put",
    "read",
    "stat",
    "store",
    "unfinished",
    "value",
]

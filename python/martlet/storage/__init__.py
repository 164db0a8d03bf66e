"""Stores of files, remote and local alike: what targets are built on.

Locations are URLs (`davs://`, `s3://`, `root://`, …) or local paths. Calls take many at once and answer in order; where
one failed, its answer is a StorageError, which `value()` raises. Remote stores are reached through helper processes, so
that this one can fork. Unreachable is never absent.
"""

from .backend import Backend
from .calls import checksum, commit, delete, fetch, list_directories, look, mkdir, put, read, stat, store, value
from .errors import Kind, StorageError
from .launching import end_couriers
from .values import Checksum, DirectoryEntry, FileStatus, Progress, Transfer

__all__ = [
    "Backend",
    "Checksum",
    "DirectoryEntry",
    "FileStatus",
    "Kind",
    "Progress",
    "StorageError",
    "Transfer",
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
    "value",
]

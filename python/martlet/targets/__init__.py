"""Targets: what tasks make."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .base import (
    FileAlreadyExists,
    FileSystem,
    FileSystemException,
    FileSystemTarget,
    MissingParentDirectory,
    NotADirectory,
    Target,
)
from .file import FileTarget
from .local import LocalFileSystem, LocalTarget

if TYPE_CHECKING:
    from .by_location import file_at
    from .collection import SiblingCollection, TargetCollection
    from .directory import DirectoryTarget
    from .mirrored import MirroredTarget
    from .optional import OptionalTarget
    from .remote import RemoteTarget
    from .temporary_targets import TemporaryDirectoryTarget, TemporaryTarget

HOMES = {
    "DirectoryTarget": "directory",
    "MirroredTarget": "mirrored",
    "OptionalTarget": "optional",
    "RemoteTarget": "remote",
    "SiblingCollection": "collection",
    "TargetCollection": "collection",
    "TemporaryDirectoryTarget": "temporary_targets",
    "TemporaryTarget": "temporary_targets",
    "file_at": "by_location",
}
"""Names that not every analysis uses, and the modules here that they are imported from when it does."""


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
    return value


__all__ = [
    "DirectoryTarget",
    "FileAlreadyExists",
    "FileSystem",
    "FileSystemException",
    "FileSystemTarget",
    "FileTarget",
    "LocalFileSystem",
    "LocalTarget",
    "MirroredTarget",
    "MissingParentDirectory",
    "NotADirectory",
    "OptionalTarget",
    "RemoteTarget",
    "SiblingCollection",
    "Target",
    "TargetCollection",
    "TemporaryDirectoryTarget",
    "TemporaryTarget",
    "file_at",
]

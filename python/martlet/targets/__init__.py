"""Targets: what tasks make."""

from .base import (
    FileAlreadyExists,
    FileSystem,
    FileSystemException,
    FileSystemTarget,
    MissingParentDirectory,
    NotADirectory,
    Target,
)
from .local import LocalFileSystem, LocalTarget

__all__ = [
    "FileAlreadyExists",
    "FileSystem",
    "FileSystemException",
    "FileSystemTarget",
    "LocalFileSystem",
    "LocalTarget",
    "MissingParentDirectory",
    "NotADirectory",
    "Target",
]

"""luigi.target"""

from ..targets import (
    FileAlreadyExists,
    FileSystem,
    FileSystemException,
    FileSystemTarget,
    MissingParentDirectory,
    NotADirectory,
    Target,
)
from ..targets.atomic import AtomicBinaryFile as AtomicLocalFile

__all__ = [
    "AtomicLocalFile",
    "FileAlreadyExists",
    "FileSystem",
    "FileSystemException",
    "FileSystemTarget",
    "MissingParentDirectory",
    "NotADirectory",
    "Target",
]

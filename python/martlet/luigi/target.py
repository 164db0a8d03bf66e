"""luigi.target: the same targets, with luigi's temporary names and its rule of what is there already."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager

from ..targets import (
    FileAlreadyExists,
    FileSystem,
    FileSystemException,
    MissingParentDirectory,
    NotADirectory,
    Target,
    base,
)
from ..targets.atomic import AtomicBinaryFile


def _random_number() -> int:
    """Ten digits."""
    return int.from_bytes(os.urandom(8), "little") % 10**10


class FileSystemTarget(base.FileSystemTarget):
    """A file or directory of a file system."""

    @contextmanager
    def temporary_path(self) -> Iterator[str]:
        """A path for other programs and libraries to write a file or directory to: `…-luigi-tmp-0123456789`.

        At the end of the `with` block what is there gets the final name, unless that is taken (FileAlreadyExists);
        after an exception it is removed.
        """
        bare = self.path.rstrip("/").rstrip("\\")
        slash = self.path[-1] if self.path[-1:] in ("/", "\\") else ""
        temporary = f"{bare}-luigi-tmp-{_random_number():010}{slash}"
        parent = os.path.dirname(bare)
        if parent:
            self.fs.mkdir(parent, parents=True, raise_if_exists=False)
        try:
            yield temporary
        except BaseException:
            if self.fs.exists(temporary):
                self.fs.remove(temporary)
            raise
        self.fs.rename_dont_move(temporary, self.path)


class AtomicLocalFile(AtomicBinaryFile):
    """A file that is written here under a temporary name, and when it is closed goes where a subclass takes it.

    A subclass defines `move_to_final_destination`, which finds the finished file at `tmp_path`. After an exception
    within the `with` block, and when it is forgotten, the file is dropped.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.tmp_path = self.generate_tmp_path(path)
        io.BufferedWriter.__init__(self, io.FileIO(self.tmp_path, "w"))
        self._settled = False

    def generate_tmp_path(self, path: str) -> str:
        """Where the file is while it is written: in the system's directory for temporary files."""
        from tempfile import gettempdir  # slow to import

        return os.path.join(gettempdir(), f"luigi-tmp-{_random_number():010}")

    def move_to_final_destination(self) -> None:
        name = type(self).__name__
        raise NotImplementedError(f"{name} does not say where its file goes: it lacks move_to_final_destination()")

    def close(self) -> None:
        super().close()
        if os.path.exists(self.tmp_path):  # what was sent elsewhere is still here
            os.unlink(self.tmp_path)


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

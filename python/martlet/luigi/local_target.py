"""luigi.local_target"""

from __future__ import annotations

from typing import Any, ClassVar

from ..targets import local
from ..targets.atomic import AtomicBinaryFile
from ..targets.temporary import temporary_name
from .target import AtomicLocalFile, FileAlreadyExists, FileSystemTarget


class atomic_file(AtomicLocalFile):
    """A file that appears under its path when it is closed, or not at all."""

    def generate_tmp_path(self, path: str) -> str:
        return temporary_name(path)

    move_to_final_destination = AtomicBinaryFile.move_to_final_destination


class LocalFileSystem(local.LocalFileSystem):
    """The file systems mounted here."""

    def copy(self, old_path: str, new_path: str, raise_if_exists: bool = False) -> None:
        try:
            super().copy(old_path, new_path, raise_if_exists)
        except FileAlreadyExists as error:
            raise RuntimeError(str(error)) from None  # as luigi has it


class LocalTarget(FileSystemTarget, local.LocalTarget):
    """A file (or directory) of this machine, written atomically."""

    fs: ClassVar[Any] = LocalFileSystem()

    def __del__(self) -> None:
        # is_tmp may have been assigned, and __init__ may have failed before
        if self.__dict__.get("is_tmp") and self.exists():
            self.remove()


__all__ = ["LocalFileSystem", "LocalTarget", "atomic_file"]

"""Files and directories that are gone with the object that stands for them."""

from __future__ import annotations

import os
from tempfile import gettempdir
from typing import Any
from weakref import finalize

from .directory import DirectoryTarget
from .local import LocalFileSystem, LocalTarget
from .temporary import temporary_name

_FILES = LocalFileSystem()


def _free_path(suffix: str, directory: Any) -> str:
    return temporary_name(os.path.join(str(directory or gettempdir()), f"martlet{suffix}"))


def _remove(path: str, owner: int) -> None:
    if os.getpid() == owner and os.path.lexists(path):  # a forked process has the object too
        _FILES.remove(path)


class TemporaryTarget(LocalTarget):
    """A local file that is removed when this object goes, by the process that made the object."""

    def __init__(self, suffix: str = "", directory: Any = None, format: Any = None) -> None:
        """
        :param suffix: the end of its name: `.root`.
        :param directory: where it is made; where the system keeps temporary files if None ($TMPDIR).
        """
        super().__init__(_free_path(suffix, directory), format)
        finalize(self, _remove, self.path, os.getpid())

    def __reduce__(self) -> tuple[Any, ...]:
        return LocalTarget, (self.path, self.format)  # who gets it does not own it


class TemporaryDirectoryTarget(DirectoryTarget):
    """A local directory, made at once, that is removed with all in it when this object goes."""

    def __init__(self, directory: Any = None) -> None:
        """`directory`: where it is made; where the system keeps temporary files if None ($TMPDIR)."""
        super().__init__(_free_path("", directory))
        os.makedirs(self.path, mode=0o700)
        finalize(self, _remove, self.path, os.getpid())

    def __reduce__(self) -> tuple[Any, ...]:
        return DirectoryTarget, (self.path,)

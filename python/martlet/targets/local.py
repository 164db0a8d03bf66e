"""Files and directories of this machine."""

# Paths are text and calls go to os: pathlib costs as much as the file itself.

from __future__ import annotations

import errno
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from ..formats import Text, TextFormat
from .atomic import AtomicBinaryFile, AtomicTextFile
from .base import FileAlreadyExists, FileSystem, FileSystemTarget, MissingParentDirectory, NotADirectory
from .derived import Derived
from .file import FileTarget, wrong_mode
from .temporary import temporary_name

if TYPE_CHECKING:
    from ..formats import Format
    from ..storage import FileStatus


class LocalFileSystem(FileSystem):
    """The file systems mounted here."""

    def exists(self, path: str) -> bool:
        """Whether something is there; raises OSError if that cannot be found out (denied, input/output error)."""
        try:
            os.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def mkdir(self, path: str, parents: bool = True, raise_if_exists: bool = False) -> None:
        try:
            if parents:
                os.makedirs(path)
            else:
                os.mkdir(path)
        except FileExistsError:
            if raise_if_exists:
                raise FileAlreadyExists(f"Destination exists: {path}") from None
            if not os.path.isdir(path):
                raise NotADirectory(f"{path} is a file, not a directory") from None
        except NotADirectoryError:
            raise NotADirectory(f"a part of {path} is a file, not a directory") from None
        except FileNotFoundError:
            raise MissingParentDirectory(f"the directory above {path} is missing") from None

    def isdir(self, path: str) -> bool:
        return os.path.isdir(path)

    def listdir(self, path: str) -> Iterator[str]:
        for directory, _, files in os.walk(path):
            for name in files:
                yield os.path.join(directory, name)

    def remove(self, path: str, recursive: bool = True) -> None:
        if recursive and os.path.isdir(path) and not os.path.islink(path):
            from shutil import rmtree  # slow to import

            rmtree(path)
        else:
            os.remove(path)

    def move(self, old_path: str, new_path: str, raise_if_exists: bool = False) -> None:
        """Renames within a file system; across file systems copies to a temporary name first."""
        if raise_if_exists and self.exists(new_path):
            raise FileAlreadyExists(f"Destination exists: {new_path}")
        self._make_parent(new_path)
        try:
            os.replace(old_path, new_path)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            self.copy(old_path, new_path)
            self.remove(old_path)

    def rename_dont_move(self, path: str, dest: str) -> None:
        self.move(path, dest, raise_if_exists=True)

    def commit(self, path: str, dest: str) -> None:
        """Atomic for files; a directory that is replaced is put aside first and removed at last.

        Raises IsADirectoryError or NotADirectoryError where a file would replace a directory, or a directory a file.
        """
        path, dest = path.rstrip("/"), dest.rstrip("/")
        try:
            os.replace(path, dest)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            aside = temporary_name(dest)
            os.replace(dest, aside)
            try:
                os.replace(path, dest)
            except BaseException:  # what was there stays
                os.replace(aside, dest)
                raise
            self.remove(aside)

    def copy(self, old_path: str, new_path: str, raise_if_exists: bool = False) -> None:
        """Copies a file, or a directory with all that is in it; the copy appears when it is complete."""
        from shutil import copy, copytree  # slow to import

        if raise_if_exists and self.exists(new_path):
            raise FileAlreadyExists(f"Destination exists: {new_path}")
        self._make_parent(new_path)
        temporary = temporary_name(new_path)
        try:
            if os.path.isdir(old_path):
                copytree(old_path, temporary)
            else:
                copy(old_path, temporary)
            self.commit(temporary, new_path)
        except BaseException:  # Ctrl-C too leaves nothing half written
            if os.path.lexists(temporary):
                self.remove(temporary)
            raise

    def _make_parent(self, path: str) -> None:
        parent = os.path.dirname(path.rstrip("/"))
        if parent:
            os.makedirs(parent, exist_ok=True)


class LocalTarget(FileTarget):
    """A file (or directory) of this machine, written atomically."""

    fs: ClassVar[Any] = LocalFileSystem()

    def __init__(self, path: Any = None, format: Format | None = None, is_tmp: bool = False) -> None:
        """
        :param path: text or pathlib's; may be left out if `is_tmp`.
        :param format: how its content is encoded; text by default, `martlet.formats.Nop` for bytes.
        :param is_tmp: the file is removed when this object goes.
        """
        if not path:
            if not is_tmp:
                raise ValueError("path or is_tmp must be set")
            from tempfile import gettempdir  # slow to import

            path = temporary_name(f"{gettempdir()}/martlet")
        self.path = path if path.__class__ is str else str(path)
        self.format: Any = Text if format is None else format
        self.is_tmp = is_tmp
        if is_tmp:  # a __del__ would cost every target a call
            from weakref import finalize

            finalize(self, _remove_temporary, self.fs, self.path, os.getpid())

    def bulk_path(self) -> str | None:
        path: str = self.path
        if type(self).exists is not FileSystemTarget.exists or type(self.fs).exists is not LocalFileSystem.exists:
            return None
        # a pattern, of which exists() warns, or a URL
        if "*" in path or "?" in path or "[" in path or "{" in path or "://" in path:
            return None
        return path

    def makedirs(self) -> None:
        """Makes the directories above it, if they lack."""
        parent = os.path.dirname(os.path.normpath(self.path))
        if parent:
            os.makedirs(parent, exist_ok=True)

    def open(self, mode: str = "r") -> Any:
        """Opens it to read ("r") or write ("w"); whether text or bytes is said by the format, not by the mode."""
        kind = mode if len(mode) == 1 else mode.replace("b", "").replace("t", "")
        if kind == "w":
            if self.format.__class__ is TextFormat and self.format.plain:
                return AtomicTextFile(self.path, self.format.encoding)
            return self.format.pipe_writer(AtomicBinaryFile(self.path))
        if kind == "r":
            return self.format.pipe_reader(open(self.path, "rb"))
        raise wrong_mode(mode)

    @Derived
    def url(self) -> str:
        return f"file://{os.path.abspath(self.path)}"

    @contextmanager
    def localize(self, mode: str = "r") -> Iterator[LocalTarget]:
        if mode == "r":
            yield self
        elif mode == "w":
            with self.temporary_path() as path:
                yield LocalTarget(path, self.format)
        else:
            raise wrong_mode(mode)

    def stat(self) -> FileStatus:
        from stat import S_ISDIR

        from ..storage import FileStatus  # not needed where nobody asks

        found = os.stat(self.path)
        return FileStatus(found.st_size, found.st_mtime_ns, S_ISDIR(found.st_mode))

    def copy_to_local(self, path: Any) -> LocalTarget:
        self.fs.copy(self.path, str(path))
        return LocalTarget(path)

    def copy_from_local(self, path: Any) -> None:
        self.fs.copy(str(path), self.path)

    def _place(self) -> str:
        return os.path.abspath(self.path)

    def move(self, new_path: Any, raise_if_exists: bool = False) -> None:
        """Gives it another path."""
        self.fs.move(self.path, str(new_path), raise_if_exists=raise_if_exists)

    def move_dir(self, new_path: Any) -> None:
        """The same as move()."""
        self.move(new_path)

    def copy(self, new_path: Any, raise_if_exists: bool = False) -> None:
        """Makes a copy at another path."""
        self.fs.copy(self.path, str(new_path), raise_if_exists)

    @property
    def fn(self) -> str:
        """Deprecated name of `path`."""
        warnings.warn("Use LocalTarget.path to reference filename", DeprecationWarning, stacklevel=2)
        return self.path


def _remove_temporary(fs: Any, path: str, owner: int) -> None:
    if os.getpid() == owner and fs.exists(path):  # a forked process has the object too
        fs.remove(path)

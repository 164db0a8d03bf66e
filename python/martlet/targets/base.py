"""What every target is, and file systems as targets see them."""

# The names are luigi's.

from __future__ import annotations

import abc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any


class FileSystemException(Exception):
    """A file system could not do what it was asked."""


class FileAlreadyExists(FileSystemException):
    """Something is there that must not be."""


class MissingParentDirectory(FileSystemException):
    """The directory something should be made in is not there."""


class NotADirectory(FileSystemException):
    """There is a file where a directory must be."""


class Target(metaclass=abc.ABCMeta):
    """Something a task makes: it is there or it is not."""

    @abc.abstractmethod
    def exists(self) -> bool:
        """Whether it is there. Raises when that cannot be found out: unreachable is not absent."""

    def bulk_path(self) -> str | None:
        """The local path whose existence is the whole answer of exists(), so that many are looked at in one go.

        None when exists() has to be asked.
        """
        return None

    def bulk_location(self) -> str | None:
        """The local path or URL whose existence is the whole answer of exists(); None when there is none."""
        return self.bulk_path()

    def bulk_locations(self) -> Sequence[str] | None:
        """All local paths and URLs that exists() depends on, which are looked at with those of many other targets.

        None when exists() has to be asked. What of them is there is what `is_there` judges.
        """
        location = self.bulk_location()
        return None if location is None else (location,)

    def is_there(self, found: Sequence[bool]) -> bool:
        """What exists() says when these of `bulk_locations` are there."""
        return all(found)


class FileSystem(metaclass=abc.ABCMeta):
    """Where files are: the operations FileSystemTarget delegates to. All paths are text."""

    @abc.abstractmethod
    def exists(self, path: str) -> bool:
        """Whether there is a file or directory."""

    @abc.abstractmethod
    def remove(self, path: str, recursive: bool = True) -> None:
        """Removes a file, or a directory with all that is in it if `recursive`."""

    def _missing(self, operation: str) -> NotImplementedError:
        return NotImplementedError(f"{operation}() not implemented on {type(self).__name__}")

    def mkdir(self, path: str, parents: bool = True, raise_if_exists: bool = False) -> None:
        """Makes a directory, with those above it if `parents`; MissingParentDirectory if not and they lack.

        One that is there already is fine unless `raise_if_exists` (FileAlreadyExists).
        """
        raise self._missing("mkdir")

    def isdir(self, path: str) -> bool:
        """Whether there is a directory."""
        raise self._missing("isdir")

    def listdir(self, path: str) -> Iterator[str]:
        """Paths of all files below a directory, at any depth."""
        raise self._missing("listdir")

    def move(self, path: str, dest: str) -> None:
        """Moves a file."""
        raise self._missing("move")

    def rename_dont_move(self, path: str, dest: str) -> None:
        """Gives `path` the name `dest`, never moving it into a directory of that name.

        FileAlreadyExists if something is there. Not atomic unless a file system overrides it.
        """
        if self.exists(dest):
            raise FileAlreadyExists(f"Destination exists: {dest}")
        self.move(path, dest)

    def commit(self, path: str, dest: str) -> None:
        """Gives a finished temporary file or directory its final name, replacing what has it."""
        if self.exists(dest):
            self.remove(dest)
        self.rename_dont_move(path, dest)

    def rename(self, *args: Any, **kwargs: Any) -> None:
        """The same as move()."""
        self.move(*args, **kwargs)

    def copy(self, path: str, dest: str) -> None:
        """Copies a file."""
        raise self._missing("copy")


class FileSystemTarget(Target):
    """A file or directory of a file system."""

    def __init__(self, path: Any) -> None:
        """`path`: text, or anything whose text is the path, as pathlib's."""
        self.path = str(path)

    def __str__(self) -> str:
        return self.path

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.path!r})"

    @property
    @abc.abstractmethod
    def fs(self) -> FileSystem:
        """The file system it is in."""

    @abc.abstractmethod
    def open(self, mode: str = "r") -> Any:
        """A file to read ("r") or to write ("w"). What is written appears when it is closed, or not at all."""

    def exists(self) -> bool:
        path = self.path
        if "*" in path or "?" in path or "[" in path or "{" in path:
            import logging  # slow to import, and hardly ever needed

            logging.getLogger("martlet").warning(
                "Using wildcards in path %s might lead to processing of an incomplete dataset; "
                "override exists() to suppress the warning.",
                path,
            )
        return self.fs.exists(path)

    def remove(self) -> None:
        """Removes it."""
        self.fs.remove(self.path)

    def temporary_name(self) -> str:
        """A path beside the final one, unlike any other; see `martlet.targets.temporary`."""
        from .temporary import temporary_name

        return temporary_name(self.path)

    @contextmanager
    def temporary_path(self) -> Iterator[str]:
        """A path for other programs and libraries to write a file or directory to.

        At the end of the `with` block what is there gets the final name; after an exception it is removed.
        """
        slashless = self.path.rstrip("/")
        temporary = self.temporary_name() + self.path[len(slashless):]
        parent = slashless.rpartition("/")[0]
        if parent:
            self.fs.mkdir(parent, parents=True, raise_if_exists=False)
        try:
            yield temporary
            if not self.fs.exists(temporary):
                raise FileNotFoundError(
                    f"nothing was written to {temporary}, the temporary path of {self.path}: "
                    "write to the path that temporary_path() gives, not to the target's own"
                )
            self.fs.commit(temporary, self.path)
        except BaseException:  # Ctrl-C too leaves nothing half written
            if self.fs.exists(temporary):
                self.fs.remove(temporary)
            raise

    def _touchz(self) -> None:
        with self.open("w"):
            pass

"""Directories, here and in stores."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from . import location
from .base import FileSystemTarget
from .by_location import file_at
from .derived import Derived
from .file import FileTarget, wrong_mode
from .local import LocalFileSystem, LocalTarget
from .temporary import temporary_name

if TYPE_CHECKING:
    from ..storage import FileStatus

_LOCAL = LocalFileSystem()


class DirectoryTarget(FileSystemTarget):
    """A directory of this machine (a path) or of a store (a URL), with all that is in it.

    As an output it appears as a whole: `localize("w")` gives a local directory to fill, which gets its place at the end
    in one step. Two are equal when they lie at one place.
    """

    def __init__(self, place: Any) -> None:
        """`place`: a path, a URL, or a target that lies there."""
        text = str(getattr(place, "path", place))
        text = location.without_file(text) if "://" in text else text
        self.path = text if text.strip("/") == "" else text.rstrip("/")

    @property
    def fs(self) -> Any:
        if not location.is_remote(self.path):
            return _LOCAL
        from .remote import RemoteTarget  # not needed where all is local

        return RemoteTarget.fs

    def __str__(self) -> str:
        return location.shown(self.path)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({location.shown(self.path)!r})"

    @property
    def is_local(self) -> bool:
        """Whether it is a directory of this machine."""
        return self.fs is _LOCAL

    @Derived
    def url(self) -> str:
        """Where it lies, as a URL."""
        return f"file://{os.path.abspath(self.path)}" if self.is_local else self.path

    @Derived
    def basename(self) -> str:
        """Its name."""
        return location.name(self.path)

    @Derived
    def parent(self) -> DirectoryTarget:
        """The directory it lies in."""
        return DirectoryTarget(location.parent(self.path))

    def exists(self) -> bool:
        there: bool = self.fs.exists(self.path)
        return there

    def bulk_path(self) -> str | None:
        return self.bulk_location() if self.is_local else None

    def bulk_location(self) -> str | None:
        return self.path if type(self).exists is DirectoryTarget.exists else None

    def open(self, mode: str = "r") -> Any:
        raise IsADirectoryError(f"{self} is a directory: open one of its files, child(NAME)")

    def stat(self) -> FileStatus:
        """The time of its last change, and what its store has for its size."""
        if self.is_local:
            return LocalTarget(self.path).stat()
        status: FileStatus = self.fs.stat(self.path)
        return status

    def touch(self) -> None:
        """Makes it, and those above it, if it is not there."""
        self.fs.mkdir(self.path)

    def child(self, *names: Any) -> Any:
        """A file within; a directory if the last name ends with a slash. No name may lead out of the directory."""
        place = location.join(self.path, *names)
        return DirectoryTarget(place) if str(names[-1]).endswith("/") else file_at(place)

    __truediv__ = child

    def directory(self, *names: Any) -> DirectoryTarget:
        """A directory within."""
        return DirectoryTarget(location.join(self.path, *names))

    def listdir(self, pattern: str = "*", type: str | None = None) -> list[str]:
        """Names of what lies directly inside, sorted. `pattern` as of a shell; `type`: "f" files, "d" directories."""
        if type not in (None, "f", "d"):
            raise ValueError(f"type must be 'f' or 'd' (got: {type!r})")
        if self.is_local:
            with os.scandir(self.path) as found:
                named = [(entry.name, entry.is_dir()) for entry in found]
        else:
            named = [(entry.name, entry.is_directory) for entry in self.fs.entries(self.path)]
        wanted = [name for name, is_directory in named if type is None or is_directory == (type == "d")]
        return sorted(name for name in wanted if fnmatchcase(name, pattern))

    def files(self, pattern: str = "*") -> list[FileTarget]:
        """The files directly inside, sorted by name."""
        return [file_at(location.join(self.path, name)) for name in self.listdir(pattern, "f")]

    def walk(self) -> Iterator[FileTarget]:
        """All files within, at any depth; in stores one listing a directory."""
        for path in self.fs.listdir(self.path):
            yield file_at(path)

    @contextmanager
    def localize(self, mode: str = "r") -> Iterator[DirectoryTarget]:
        """A local directory in its place, within a `with` block.

        "r": itself, or a copy that is gone after the block. "w": a directory to fill; at the end of the block it gets
        its place in one step, in front of what was there, and after an exception it is dropped.
        """
        if mode not in ("r", "w"):
            raise wrong_mode(mode)
        if self.is_local:
            with self._here(mode) as local:
                yield local
            return
        from .stored import scratch

        with scratch(self.basename) as path:
            local = DirectoryTarget(path)
            if mode == "r":
                self.copy_to_local(path)
            else:
                os.mkdir(path)
            yield local
            if mode == "w":
                self.copy_from_local(path)

    @contextmanager
    def _here(self, mode: str) -> Iterator[DirectoryTarget]:
        if mode == "r":
            yield self
            return
        with self.temporary_path() as path:
            os.makedirs(path)
            yield DirectoryTarget(path)

    def copy_to_local(self, path: Any) -> DirectoryTarget:
        """A copy at a local path that must not be there before; it appears whole or not at all."""
        place = str(path)
        if os.path.lexists(place):
            raise FileExistsError(f"{place} is there already: a directory is copied to a place of its own")
        if self.is_local:
            _LOCAL.copy(self.path, place)
            return DirectoryTarget(place)
        temporary = temporary_name(place)
        try:
            os.makedirs(temporary)
            pairs = []
            for directory, files in self.fs.walk(self.path):
                here = temporary + directory[len(self.path) :]
                os.makedirs(here, exist_ok=True)
                pairs += [(file, os.path.join(here, location.name(file))) for file in files]
            self.fs.fetch(pairs)
            os.rename(temporary, place)
        except BaseException:  # Ctrl-C too leaves nothing half copied
            _LOCAL.remove(temporary)
            raise
        return DirectoryTarget(place)

    def copy_from_local(self, path: Any) -> None:
        """Makes it a copy of a local directory, in one step, in front of what was there."""
        source = str(path)
        if self.is_local:
            _LOCAL.copy(source, self.path)
            return
        temporary = temporary_name(self.path)
        try:
            self._upload(source, temporary)
            self._take_place(temporary)
        except BaseException:
            self._drop(temporary)
            raise

    def _upload(self, source: str, place: str) -> None:
        self.fs.mkdir(place)
        pairs = []
        for above, folders, files in os.walk(source, followlinks=True):
            # a link to a directory is what it holds, as for local copies; one that leads back would not end
            for folder in folders:
                link = os.path.join(above, folder)
                if os.path.islink(link) and f"{os.path.realpath(above)}/".startswith(f"{os.path.realpath(link)}/"):
                    raise ValueError(f"{link} leads back to what it lies in: such a directory cannot be stored")
            there = place + above[len(source) :]
            for folder in folders:
                self.fs.mkdir(location.join(there, folder))
            pairs += [(os.path.join(above, name), location.join(there, name)) for name in files]
        self.fs.store(pairs)

    def _take_place(self, temporary: str) -> None:
        """Gives the uploaded directory its name; one that has it is put aside first and removed at last."""
        if not self.fs.exists(self.path):
            self._name(temporary)
            return
        aside = temporary_name(self.path)
        self.fs.commit(self.path, aside)
        try:
            self.fs.commit(temporary, self.path)
        except BaseException:
            self.fs.commit(aside, self.path)
            raise
        self.fs.remove(aside)

    def _name(self, temporary: str) -> None:
        """Gives an uploaded directory its name. Says what to do where the store knows no directories, as S3."""
        from ..storage import Kind, StorageError

        try:
            self.fs.commit(temporary, self.path)
        except StorageError as error:
            if error.kind not in (Kind.ABSENT, Kind.UNSUPPORTED):
                raise
            way_out = "give its files as a SiblingCollection, or pack them into a .tar"
            cause = f"it does not rename a directory in one step ({error.message}): {way_out}"
            raise StorageError(Kind.UNSUPPORTED, str(self), cause) from None

    def _drop(self, temporary: str) -> None:
        from ..storage import StorageError

        try:
            if self.fs.exists(temporary):
                self.fs.remove(temporary)
        except StorageError as error:
            import logging  # slow to import, and hardly ever needed

            logging.getLogger("martlet").warning("%s could not be removed: %s", location.shown(temporary), error)

    def copy_to(self, other: Any) -> DirectoryTarget:
        """A copy elsewhere. `other`: a directory target, a path or a URL."""
        target = DirectoryTarget(other)
        with self.localize("r") as local:
            target.copy_from_local(local.path)
        return target

    def move_to(self, other: Any) -> DirectoryTarget:
        """Moves it elsewhere; returns what it is there."""
        target = DirectoryTarget(other)
        if self.is_local and target.is_local:
            _LOCAL.move(self.path, target.path)
        else:
            self.copy_to(target)
            self.remove()
        return target

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DirectoryTarget) and self.url == other.url

    def __hash__(self) -> int:
        return hash(self.url)

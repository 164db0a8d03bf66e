"""What can be done with a file, wherever it lies."""

from __future__ import annotations

import abc
from contextlib import AbstractContextManager
from typing import IO, TYPE_CHECKING, Any

from .base import FileSystemTarget
from .derived import Derived

if TYPE_CHECKING:
    from ..storage import FileStatus
    from .directory import DirectoryTarget
    from .local import LocalTarget


class FileTarget(FileSystemTarget):
    """A file: on this machine (`LocalTarget`), in a store (`RemoteTarget`), or in both (`MirroredTarget`).

    Two are equal when they are of one class and lie at one place.
    """

    path: str
    """Where it lies: a path, or the URL."""
    format: Any
    """How its content is encoded for open()."""

    @Derived
    def url(self) -> str:
        """Where it lies, as a URL."""
        return self.path

    @Derived
    def basename(self) -> str:
        """Its name within its directory."""
        from . import location

        return location.name(self.path)

    @Derived
    def parent(self) -> DirectoryTarget:
        """The directory it lies in."""
        from . import location
        from .directory import DirectoryTarget

        return DirectoryTarget(location.parent(self.path))

    def ext(self, n: int = 1) -> str:
        """The last `n` ends of its name, without the first dot: `gz`, for two `tar.gz`."""
        return ".".join(self.basename.split(".")[1:][-n:])

    def child(self, *names: Any) -> FileTarget:
        """A file below, if this is taken for a directory. `names`: relative paths, or what is one as text."""
        from . import location

        return self._at(location.join(self.path, *names))

    __truediv__ = child

    def sibling(self, *names: Any) -> FileTarget:
        """A file in the same directory."""
        from . import location

        return self._at(location.join(location.parent(self.path), *names))

    def _at(self, place: str) -> FileTarget:
        """One of its kind that lies elsewhere."""
        from .by_location import file_at

        return file_at(place)

    @abc.abstractmethod
    def stat(self) -> FileStatus:
        """Its size in bytes and the time of its last change. Raises where it is not there, or cannot be reached."""

    @abc.abstractmethod
    def localize(self, mode: str = "r") -> AbstractContextManager[LocalTarget]:
        """A local file in its place, within a `with` block.

        "r": the file itself, or a copy that is gone after the block. "w": a temporary file to write; at the end of the
        block it becomes this one, in one step, after an exception it is dropped.
        """

    def open_parts(self) -> IO[bytes]:
        """Opens it to read bytes from any place in it, for libraries that want parts of it alone: `uproot.open(file)`.

        Of a file in a store only what is read is fetched, at least a megabyte at a time, one after another: of a few
        large pieces that is quicker than the whole, of many small ones slower. close() raises StorageError where the
        file was replaced meanwhile.
        """
        with self.localize("r") as local:
            return open(local.path, "rb")  # what is open stays readable when its name is gone

    def touch(self) -> None:
        """Makes an empty file, if nothing is there."""
        if not self.exists():
            with self.localize("w") as local, open(local.path, "wb"):
                pass

    def load(self, filetype: str | None = None, **options: Any) -> Any:
        """What it holds, as an object: an array, a histogram, a dict, as the end of its name says.

        :param filetype: another end: `"json"`. `options` are those of the file type (docs/targets.md).
        """
        from .. import filetypes

        kind = filetypes.of(self.path, filetype)
        with self.localize("r") as local:
            return kind.load(local.path, **options)

    def dump(self, obj: Any, filetype: str | None = None, **options: Any) -> None:
        """Writes an object as the end of its name says; it appears whole or not at all. Arguments as for load()."""
        from .. import filetypes

        kind = filetypes.of(self.path, filetype)
        with self.localize("w") as local:
            kind.dump(obj, local.path, **options)

    @abc.abstractmethod
    def copy_to_local(self, path: Any) -> LocalTarget:
        """A copy at a local path, which appears whole or not at all."""

    @abc.abstractmethod
    def copy_from_local(self, path: Any) -> None:
        """Makes it a copy of a local file; it appears whole or not at all."""

    def copy_to(self, other: Any) -> FileTarget:
        """A copy elsewhere. `other`: a target, a path or a URL; in a directory it has the same name."""
        target = self._destination(other)
        if _is_local(target):
            self.copy_to_local(target.path)
        else:
            with self.localize("r") as local:
                target.copy_from_local(local.path)
        return target

    def move_to(self, other: Any) -> FileTarget:
        """Moves it elsewhere, as copy_to() copies it; returns what it is there. Where it lies already it stays."""
        from . import location

        target = self._destination(other)
        if location.is_same(self.url, target.url):
            return target
        if self.fs is target.fs and type(self) is type(target):
            self.fs.move(self.path, target.path)
        else:
            self.copy_to(target)
            self.remove()
        return target

    def _destination(self, other: Any) -> FileTarget:
        from . import location
        from .by_location import file_at
        from .directory import DirectoryTarget

        if isinstance(other, FileTarget):
            return other
        place = str(getattr(other, "path", other))
        if isinstance(other, DirectoryTarget) or place.endswith("/"):
            place = location.join(place, self.basename)
        return file_at(place)

    def _place(self) -> str:
        """What two that lie at one place have in common."""
        return self.path

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__ or not isinstance(other, FileTarget):
            return NotImplemented
        return self._place() == other._place()

    def __hash__(self) -> int:
        return hash(self._place())


def wrong_mode(mode: str) -> ValueError:
    """What is raised for a mode of open() or localize() that there is not."""
    return ValueError(f"mode must be 'r' or 'w' (got: {mode})")


def _is_local(target: FileTarget) -> bool:
    from .local import LocalTarget

    return isinstance(target, LocalTarget)

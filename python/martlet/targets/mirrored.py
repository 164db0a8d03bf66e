"""Files of a store with a copy on this machine."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from . import location
from .by_location import file_at
from .file import FileTarget
from .local import LocalTarget
from .stored import StoredTarget

if TYPE_CHECKING:
    from ..storage import FileStatus

_SECOND = 1_000_000_000
"""Nanoseconds; many stores tell times no finer."""


class MirroredTarget(StoredTarget):
    """A file of a store, and a local copy of it: what counts is the store.

    It exists when the store has it. Reading takes the copy where that is current, which is of the size and time that
    the store tells, and brings it up to date where it is not. Writing goes to the store, then to the copy.
    """

    def __init__(self, target: Any, mirror: Any, *, mounted: bool = False) -> None:
        """
        :param target: a RemoteTarget, or its URL.
        :param mirror: the local path of the copy.
        :param mounted: the path is the store itself, mounted here: it is read where it is current and never written.
        """
        self.target = target if isinstance(target, FileTarget) else file_at(target)
        """The file in the store."""
        self.mirror = LocalTarget(getattr(mirror, "path", mirror), self.target.format)
        """The copy."""
        self.mounted = mounted
        self.path = self.target.path
        self.format = self.target.format

    @property
    def fs(self) -> Any:
        return self.target.fs

    def __str__(self) -> str:
        return str(self.target)

    def __repr__(self) -> str:
        return f"MirroredTarget({self.target!r}, {self.mirror.path!r})"

    def exists(self) -> bool:
        there: bool = self.target.exists()
        return there

    def bulk_location(self) -> str | None:
        return self.target.bulk_location()

    def stat(self) -> FileStatus:
        """What the store tells."""
        return self.target.stat()

    def is_current(self) -> bool:
        """Whether the copy is there and of the size, and the second, that the store tells. Asks the store."""
        return self._is_copy_of(self.target.stat())

    def _is_copy_of(self, status: FileStatus) -> bool:
        try:
            here = os.stat(self.mirror.path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        if not status.modified:  # the store tells no time: another file may have the same size
            return False
        apart = abs(here.st_mtime_ns - status.modified)
        return here.st_size == status.size and apart < 2 * _SECOND

    @contextmanager
    def _fetched(self) -> Iterator[LocalTarget]:
        status = self.target.stat()
        if self._is_copy_of(status):
            yield self.mirror
        elif self.mounted:
            with self.target.localize("r") as local:
                yield local
        else:
            self._refresh(status)
            yield self.mirror

    def _refresh(self, status: FileStatus) -> None:
        self.target.copy_to_local(self.mirror.path)
        self._date(status)

    def _date(self, status: FileStatus) -> None:
        if status.modified:
            os.utime(self.mirror.path, ns=(status.modified, status.modified))

    def copy_to_local(self, path: Any) -> LocalTarget:
        with self.localize("r") as local:
            return local.copy_to_local(path)

    def copy_from_local(self, path: Any) -> None:
        self.target.copy_from_local(path)
        if self.mounted:
            return
        try:
            self.mirror.copy_from_local(path)
            self._date(self.target.stat())
        except Exception as error:
            # the result is where it belongs: a copy that lacks is made when it is read
            logging.getLogger("martlet").warning("no copy of %s in its mirror: %s", self, error)

    def remove(self) -> None:
        self.target.remove()
        if not self.mounted and os.path.lexists(self.mirror.path):
            self.mirror.remove()

    def _at(self, place: str) -> FileTarget:
        below = os.path.relpath(location.split(place)[1], location.split(location.parent(self.path))[1])
        mirror = os.path.normpath(os.path.join(os.path.dirname(self.mirror.path), below))
        return MirroredTarget(file_at(place), mirror, mounted=self.mounted)



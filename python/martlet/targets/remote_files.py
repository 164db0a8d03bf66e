"""Stores as targets see them: what `martlet.storage` does for many, and raises what it answers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from . import location
from .base import FileAlreadyExists, FileSystem
from .transfer_display import TransferDisplay

if TYPE_CHECKING:
    from ..storage import DirectoryEntry, FileStatus


class RemoteFileSystem(FileSystem):
    """All stores. Paths are URLs. Trouble is raised as `martlet.storage.StorageError`, whose `kind` says which."""

    def exists(self, path: str) -> bool:
        return self.exist([path])[0]

    def exist(self, paths: Sequence[str]) -> list[bool]:
        """Which of many are there. Raises where that cannot be found out of one of them."""
        from .. import storage

        return all_good(storage.look(paths))

    def stat(self, path: str) -> FileStatus:
        """Size and time of last change."""
        from .. import storage

        return storage.value(storage.stat([path])[0])

    def isdir(self, path: str) -> bool:
        from ..storage import StorageError

        try:
            return self.stat(path).is_directory
        except StorageError as error:
            if error.kind != "absent":
                raise
            return False

    def entries(self, path: str) -> list[DirectoryEntry]:
        """What lies directly inside a directory, sorted by name."""
        from .. import storage

        return storage.value(storage.list_directories([path])[0])

    def listdir(self, path: str) -> Iterator[str]:
        for _, files in self.walk(path):
            yield from files

    def walk(self, path: str) -> Iterator[tuple[str, list[str]]]:
        """Each directory from this one downwards, with the files directly inside; one listing a directory, a level at
        a time."""
        from .. import storage

        level = [path]
        while level:
            below = []
            for directory, entries in zip(level, all_good(storage.list_directories(level))):
                yield directory, [location.join(directory, entry.name) for entry in entries if not entry.is_directory]
                below += [location.join(directory, entry.name) for entry in entries if entry.is_directory]
            level = below

    def mkdir(self, path: str, parents: bool = True, raise_if_exists: bool = False) -> None:
        """Makes a directory, and always those above it."""
        from .. import storage

        if raise_if_exists and self.exists(path):
            raise FileAlreadyExists(f"Destination exists: {location.shown(path)}")
        all_good(storage.mkdir([path]))

    def remove(self, path: str, recursive: bool = True) -> None:
        from .. import storage

        if not (recursive and self.isdir(path)):
            all_good(storage.delete([path]))
            return
        walked = list(self.walk(path))
        all_good(storage.delete([file for _, files in walked for file in files]))
        for directory, _ in reversed(walked):  # those within come later
            answer = storage.delete([directory])[0]
            # where directories are but what names begin with, as in S3, they go with their last file
            if isinstance(answer, storage.StorageError) and answer.kind is not storage.Kind.ABSENT:
                raise answer

    def move(self, path: str, dest: str) -> None:
        """Renames within a store where it can, else copies and removes."""
        from .. import storage

        if location.is_same(path, dest):
            return
        if location.split(path)[0] == location.split(dest)[0]:
            answer = storage.commit([(path, dest)])[0]
            if not isinstance(answer, storage.StorageError):
                return
            if answer.kind not in ("absent", "unsupported"):
                raise answer
        self.copy(path, dest)
        all_good(storage.delete([path]))

    def commit(self, path: str, dest: str) -> None:
        from .. import storage

        all_good(storage.commit([(path, dest)]))

    def copy(self, path: str, dest: str) -> None:
        """By way of this machine."""
        from .stored import scratch

        with scratch(location.name(dest)) as local:
            self.fetch([(path, local)])
            self.store([(local, dest)])

    def fetch(self, transfers: Sequence[tuple[str, str]]) -> list[FileStatus]:
        """Brings files here: (URL, local path). Makes the folders above the local paths."""
        from .. import storage

        for folder in {os.path.dirname(local) for _, local in transfers} - {""}:
            os.makedirs(folder, exist_ok=True)
        with TransferDisplay("fetching", len(transfers)) as display:
            return all_good(storage.fetch(transfers, display.progress))

    def store(self, transfers: Sequence[tuple[str, str]]) -> list[FileStatus]:
        """Takes local files there: (local path, URL)."""
        from .. import storage

        with TransferDisplay("storing", len(transfers)) as display:
            return all_good(storage.store(transfers, display.progress))


def all_good(answers: Sequence[Any]) -> list[Any]:
    """The answers, if none is an error; else the first error, with how many more there are."""
    from ..storage import StorageError

    errors = [answer for answer in answers if isinstance(answer, StorageError)]
    if not errors:
        return list(answers)
    first = errors[0]
    if len(errors) > 1:
        raise StorageError(first.kind, first.subject, f"{first.message} (and {len(errors) - 1} more of {len(answers)})")
    raise first

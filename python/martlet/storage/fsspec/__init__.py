"""`fsspec+PROTOCOL://`: whatever fsspec has a file system for; a store of any other scheme with `backend = "fsspec"`.

fsspec's file systems promise little about moving a file: many copy it and delete what they copied, and a file that is
being copied could be taken for a result. So nothing is committed to those that are not known to do better.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, TypeVar

import fsspec.core

from ...targets.temporary import temporary_name
from .. import local_files
from ..answers import each, only
from ..backend import Backend
from ..bounded import while_moving, within
from ..credentials import secret
from ..errors import StorageError
from ..listings import Existence, Listings, Names, existence
from ..patience import Patience, is_transient
from ..staging import Moved, Staging
from ..values import Checksum, DirectoryEntry, FileStatus, Progress, Transfer
from ..waits import Waits
from . import facts, naming
from .errors import told

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_PREFIX = "fsspec+"
_PARALLEL = 16


class FSSpec(Backend):
    schemes: ClassVar = (f"{_PREFIX}*",)

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Settings that count: `options` (arguments of the file system), `user` and a password, which are its arguments
        `username` and `password`, `timeout` (seconds), `parallel`, `retries`, `renames` (true where `mv` is one step,
        though that is not known here).
        """
        self._settings = settings
        self._timeout = Waits.of(settings).request
        self._renames = bool(settings.get("renames", False))
        self._patience = Patience.of(settings)
        self._parallel = settings.get("parallel")
        self._known: dict[str, Any] = {}
        self._listings = Listings(self._names, lambda targets: [existence(status) for status in self.stat(targets)])

    def stat(self, targets: Sequence[str]) -> list[FileStatus | StorageError]:
        return self._each(targets, self._status)

    def look(self, targets: Sequence[str], planning: int | None) -> list[Existence]:
        return self._listings.look(targets, planning)

    def list_directories(self, directories: Sequence[str]) -> list[list[DirectoryEntry] | StorageError]:
        return self._each(directories, self._entries)

    def read(self, target: str, offset: int, count: int) -> bytes:
        def one(target: str) -> bytes:
            system, path = self._at(target)
            if count <= 0 or offset >= self._status(target).size:
                return b""
            data: bytes = system.cat_file(path, offset, offset + count)
            return data

        return only(self._each([target], one))

    def put(self, data: bytes, besides: str) -> str:
        temporary = temporary_name(besides)

        def one(temporary: str) -> str:
            system, path = self._at(temporary)
            system.pipe_file(path, data)
            return temporary

        return only(self._each([temporary], one))

    def commit(self, moves: Sequence[tuple[str, str]]) -> list[None | StorageError]:
        sizes: dict[str, int] = {}

        def one(move: tuple[str, str]) -> None:
            sizes[move[0]] = self._status(move[0]).size
            self._move(move)

        def meaning(move: tuple[str, str], answer: None | StorageError) -> None | StorageError:
            """Where the temporary file has gone since a try began, that one was heard, and its answer lost."""
            if answer is None or answer.kind != "absent" or move[0] not in sizes:
                return answer
            temporary, status = self.stat(move)
            if isinstance(temporary, FileStatus):
                return answer
            if isinstance(status, FileStatus) and not status.is_directory and status.size == sizes[move[0]]:
                return None
            return StorageError("transient", move[1], "it is not known whether it was renamed: the answer was lost")

        answers = self._each(moves, one, lambda move: move[1])
        return [meaning(move, answer) for move, answer in zip(moves, answers)]

    def checksum(self, targets: Sequence[str]) -> list[Checksum | StorageError]:
        """fsspec's own checksums are of a file's name and times."""

        def one(target: str) -> Checksum:
            self._status(target)
            raise StorageError("unsupported", target, "fsspec has no digests of contents")

        return self._each(targets, one)

    def delete(self, targets: Sequence[str]) -> list[None | StorageError]:
        return self._each(targets, self._delete, after_doubt=_deleted_before)

    def mkdir(self, directories: Sequence[str]) -> list[None | StorageError]:
        return self._each(directories, self._mkdir)

    def fetch(self, transfers: Sequence[Transfer], progress: Progress) -> list[FileStatus | StorageError]:
        return self._staging(transfers).fetch(transfers, progress)

    def store(self, transfers: Sequence[Transfer], progress: Progress) -> list[FileStatus | StorageError]:
        return self._staging(transfers).store(transfers, progress)

    # what Staging asks for

    def download(self, target: str, local: str, begin: int, size: int, moved: Moved) -> None:
        def download() -> None:
            system, path = self._at(target)
            system.get_file(path, local)

        os.unlink(local)  # an earlier try may still write to it
        open(local, "xb").close()
        come = partial(local_files.written_so_far, local)
        self._told(target, lambda: while_moving(self._timeout, size, download, come, moved))

    def upload(self, temporary: str, local: str, size: int, moved: Moved) -> None:
        def upload() -> None:
            system, path = self._at(temporary)
            system.makedirs(system._parent(path), exist_ok=True)
            system.put_file(local, path)

        come = partial(local_files.read_so_far, local)
        self._told(temporary, lambda: while_moving(self._timeout, size, upload, come, moved))

    # one target at a time; what file systems raise becomes an answer in _each

    def _status(self, target: str) -> FileStatus:
        system, path = self._at(target)
        return facts.status(system.info(path))

    def _entries(self, directory: str) -> list[DirectoryEntry]:
        system, path = self._at(directory)
        return facts.entries(system.ls(path, detail=True), path)

    def _names(self, directories: Sequence[str]) -> list[Names]:
        def one(directory: str) -> frozenset[str]:
            return frozenset(entry.name for entry in self._entries(directory))

        return self._each(directories, one)

    def _move(self, move: tuple[str, str]) -> None:
        temporary, target = move
        system, path = self._at(temporary)
        other, new = self._at(target)
        if other is not system:
            raise StorageError("unsupported", target, f"it is in another file system than {temporary}")
        if new == path:
            raise StorageError("unsupported", target, "it is the temporary file itself")
        directory = system._parent(new)
        if directory != system._parent(path):
            system.info(directory)  # many would make it
        if system.isdir(new):
            raise StorageError("unsupported", target, "it is a directory")
        naming.name(system, path, new, target, self._renames)

    def _delete(self, target: str) -> None:
        system, path = self._at(target)
        if not self._status(target).is_directory:
            system.rm_file(path)
        elif self._entries(target):
            raise StorageError("unsupported", target, "the directory is not empty")
        else:
            system.rmdir(path)

    def _mkdir(self, directory: str) -> None:
        system, path = self._at(directory)
        system.makedirs(path, exist_ok=True)
        if not self._status(directory).is_directory:
            raise StorageError("unsupported", directory, "it is a file")

    # plumbing

    def _at(self, target: str) -> tuple[Any, str]:
        """The file system that a target is in, and its path there."""
        url = target.removeprefix(_PREFIX)
        protocol, _, rest = url.partition("://")
        if ".." in rest.split("/"):
            raise StorageError("unsupported", target, "`..` could lead out of the store")
        host, _, name = rest.partition("/")
        top = f"{protocol}://{host}/"
        system = self._known.get(top)
        if system is None:
            system, _ = fsspec.core.url_to_fs(top, skip_instance_cache=True, **self._arguments(target))
            self._known[top] = system
        path = system._strip_protocol(url)
        if not path.endswith(name.strip("/")):  # some take `?` for the beginning of something else
            raise StorageError("unsupported", target, f"its file system would call it {path}")
        return system, path

    def _arguments(self, target: str) -> dict[str, Any]:
        arguments = dict(self._settings.get("options", {}))
        for name, value in (
            ("username", self._settings.get("user")),
            ("password", secret(self._settings, "password", target)),
        ):
            if value is not None:
                arguments.setdefault(name, value)
        return arguments

    def _each(
        self,
        items: Sequence[Item],
        one: Callable[[Item], Answer],
        subject: Callable[[Item], str] = str,
        after_doubt: Callable[[Item, StorageError], Answer | StorageError] = lambda item, error: error,
    ) -> list[Answer | StorageError]:
        """`after_doubt`: as `Patience.ask` has it."""

        def told_one(item: Item) -> Answer:
            return self._told(subject(item), lambda: within(self._timeout, lambda: one(item)))

        if not items:
            return []
        for system in list(self._known.values()):
            system.invalidate_cache()
        threads = self._threads(subject(items[0]))
        return self._patience.ask(lambda some: each(some, told_one, threads), items, after_doubt)

    def _threads(self, target: str) -> int:
        """Only file systems that are asynchronous within are known to stand several threads."""
        if self._parallel:
            return int(self._parallel)
        try:
            return _PARALLEL if self._at(target)[0].async_impl else 1
        except Exception:  # it is told of by the operation itself
            return 1

    def _told(self, target: str, call: Callable[[], Answer]) -> Answer:
        """What `call` returns; whatever a file system raises is a StorageError about that target."""
        try:
            return call()
        except Exception as error:
            refused = told(error, target)
            if is_transient(refused):
                self._known.clear()  # its connection may be beyond help
            raise refused from error

    def _staging(self, transfers: Sequence[Transfer]) -> Staging:
        return Staging(self, self._patience, self._threads(transfers[0].target) if transfers else 1)


def _deleted_before(target: str, error: StorageError) -> None | StorageError:
    """An earlier try may have been heard, and its answer lost."""
    return None if error.kind == "absent" else error

"""What a back end in Python does: one protocol, many targets at a time."""

from __future__ import annotations

import abc
import errno
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar, TypeVar

from .errors import Kind, StorageError
from .values import Checksum, DirectoryEntry, FileStatus, Progress, Transfer, UnfinishedUpload

_PIECE = 4 << 20
_Item = TypeVar("_Item")


class Backend(abc.ABC):
    """A kind of store. Lives in a courier: a process of its own, where it may have threads and block.

    Targets are URLs as they were given. Answers come one per target, in order; a StorageError in place of an answer
    says why there is none, its class as of `Kind`. `absent` is answered only when the store itself said so.
    Calls come one after another, from one thread. What a call raises is the answer for all of its targets.
    """

    schemes: ClassVar[Sequence[str]] = ()
    """URL schemes it serves."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """`settings`: what the configuration says of the store that the targets lie in; may hold secrets."""
        self.settings = settings

    @abc.abstractmethod
    def stat(self, targets: Sequence[str]) -> list[FileStatus | StorageError]:
        """Size and time of each."""

    @abc.abstractmethod
    def list_directories(self, directories: Sequence[str]) -> list[list[DirectoryEntry] | StorageError]:
        """What is directly inside each, in any order."""

    @abc.abstractmethod
    def read(self, target: str, offset: int, count: int) -> bytes:
        """So many bytes, fewer at the end of the file. Raises StorageError."""

    @abc.abstractmethod
    def put(self, data: bytes, besides: str) -> str:
        """Writes a small content under a temporary name beside a target; returns that URL. Raises StorageError."""

    @abc.abstractmethod
    def commit(self, moves: Sequence[tuple[str, str]]) -> list[None | StorageError]:
        """Gives temporary files (first) the names of their targets (second), each in one step, replacing others."""

    @abc.abstractmethod
    def delete(self, targets: Sequence[str]) -> list[None | StorageError]:
        """Removes files and empty directories."""

    @abc.abstractmethod
    def mkdir(self, directories: Sequence[str]) -> list[None | StorageError]:
        """Makes directories and those above them; content with those that exist."""

    def look(self, targets: Sequence[str], planning: int | None) -> list[bool | StorageError]:
        """Whether each is there. Within one `planning` what was seen before may be used again; None asks anew."""
        return [
            (False if status.kind is Kind.ABSENT else status) if isinstance(status, StorageError) else True
            for status in self.stat(targets)
        ]

    def unfinished(self, directories: Sequence[str]) -> list[list[UnfinishedUpload] | StorageError]:
        """Uploads to names directly inside each that were begun and not ended, where listings do not show them."""
        return [[] for _ in directories]

    def checksum(self, targets: Sequence[str]) -> list[Checksum | StorageError]:
        """What the store itself keeps or computes; `unsupported` where it has none to offer."""
        return [StorageError(Kind.UNSUPPORTED, target, "this store keeps no checksums") for target in targets]

    def fetch(self, transfers: Sequence[Transfer], progress: Progress) -> list[FileStatus | StorageError]:
        """Writes each target to `partial`, compares its size, and checksum if there is one, renames it to `local`.

        Usually piece by piece, one after another; `martlet.storage.staging` does better.
        """
        return _one_by_one(transfers, progress, self._fetch)

    def store(self, transfers: Sequence[Transfer], progress: Progress) -> list[FileStatus | StorageError]:
        """Takes each local file to a temporary name, compares, commits. Makes directories above that lack.

        Usually with the whole file in memory; `martlet.storage.staging` does better.
        """
        return _one_by_one(transfers, progress, self._store)

    def _fetch(self, transfer: Transfer) -> FileStatus:
        status = _value(self.stat([transfer.target]))
        if status.is_directory:
            raise StorageError(Kind.UNSUPPORTED, transfer.target, "it is a directory")
        try:
            with open(transfer.partial, "xb") as file:
                while piece := self.read(transfer.target, file.tell(), _PIECE):
                    file.write(piece)
                came = file.tell()
            if came != status.size:
                raise StorageError(Kind.CORRUPT, transfer.target, f"{came} bytes came, the store says {status.size}")
            os.replace(transfer.partial, transfer.local)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(transfer.partial)
            raise
        return status

    def _store(self, transfer: Transfer) -> FileStatus:
        with open(transfer.local, "rb") as file:
            data = file.read()
        try:
            temporary = self.put(data, transfer.target)
        except StorageError as error:
            if error.kind is not Kind.ABSENT:
                raise
            _value(self.mkdir([transfer.target.rstrip("/").rpartition("/")[0]]))
            temporary = self.put(data, transfer.target)
        try:
            arrived = _value(self.stat([temporary]))
            if arrived.size != len(data):
                raise StorageError(Kind.CORRUPT, transfer.target, f"{arrived.size} bytes arrived of {len(data)}")
            _value(self.commit([(temporary, transfer.target)]))
        except StorageError:
            self.delete([temporary])
            raise
        status = self.stat([transfer.target])[0]
        # a store may show a little later what it has taken
        return arrived if isinstance(status, StorageError) else status


def _one_by_one(
    transfers: Sequence[Transfer], progress: Progress, one: Callable[[Transfer], FileStatus]
) -> list[FileStatus | StorageError]:
    answers: list[FileStatus | StorageError] = []
    done = 0
    for transfer in transfers:
        try:
            status = one(transfer)
            done += status.size
            answers.append(status)
        except OSError as error:
            answers.append(of_system(error, transfer.local))
        progress(done, done, len(answers), len(transfers))
    return answers


def of_system(error: OSError, subject: str) -> StorageError:
    """What the operating system refused, as a store would say it."""
    if isinstance(error, StorageError):
        return error
    kind = Kind.TRANSIENT
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        kind = Kind.ABSENT
    elif isinstance(error, PermissionError):
        kind = Kind.DENIED
    elif error.errno in (errno.ENOSPC, errno.EDQUOT):
        kind = Kind.FULL
    elif isinstance(error, (IsADirectoryError, FileExistsError)):
        kind = Kind.UNSUPPORTED
    return StorageError(kind, error.filename or subject, error.strerror or str(error))


def _value(answers: list[_Item | StorageError]) -> _Item:
    """The one answer; raises it where it is an error."""
    (answer,) = answers
    if isinstance(answer, StorageError):
        raise answer
    return answer

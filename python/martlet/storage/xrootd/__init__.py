"""`root://`: EOS, dCache and whatever else speaks XRootD, by its official client.

Paths are taken as they stand. `?` would begin parameters of the protocol and is refused, as are line breaks, which
divide its listings. Credentials are the client's own affair: it looks for tokens, proxies and tickets where XRootD's
environment variables say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from XRootD.client.flags import MkDirFlags, QueryCode

from ...targets.temporary import temporary_name
from ..backend import Backend
from ..errors import StorageError
from ..listings import Existence, Listings, existence
from ..patience import Patience
from ..staging import Moved, Staging
from ..values import Checksum, DirectoryEntry, FileStatus, Progress, Transfer
from ..waits import Waits
from . import facts, files
from .requests import Hear
from .servers import Servers, parted

_DIRECTORY_MODE = 0o755


class XRootD(Backend):
    schemes: ClassVar = ("root", "roots", "xroot", "xroots")

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Settings that count: `timeout` and `connect_timeout` (seconds), `retries`, `parallel` (files under way),
        `checksum` (`"none"` compares sizes alone).
        """
        self._patience = Patience.of(settings)
        waits = Waits.of(settings)
        self._timeout = waits.request
        self._servers = Servers(waits, self._patience)
        compares = settings.get("checksum", "auto") != "none"
        self._staging = Staging(self, self._patience, int(settings.get("parallel", 8)), compares)
        self._listings = Listings(
            self._servers.names,
            lambda targets: [existence(status) for status in self.stat(targets)],
        )

    def stat(self, targets: Sequence[str]) -> list[FileStatus | StorageError]:
        return self._servers.each(targets, lambda fs, path, limit, hear: fs.stat(path, limit, hear), facts.status)

    def look(self, targets: Sequence[str], planning: int | None) -> list[Existence]:
        return self._listings.look(targets, planning)

    def list_directories(self, directories: Sequence[str]) -> list[list[DirectoryEntry] | StorageError]:
        return self._servers.entries(directories, facts.entries)

    def read(self, target: str, offset: int, count: int) -> bytes:
        parted(target)
        return self._patience.repeat(lambda: files.read(target, offset, count, self._timeout))

    def put(self, data: bytes, besides: str) -> str:
        parted(besides)
        temporary = temporary_name(besides)
        self._patience.repeat(lambda: files.write(temporary, data, self._timeout))
        return temporary

    def commit(self, moves: Sequence[tuple[str, str]]) -> list[None | StorageError]:
        """The client repeats by itself what it sent over a connection that broke: a file that was there a moment ago,
        and is not now, may have been moved.
        """
        said = self._without_directory(moves)
        sizes: dict[int, int] = {}
        wanted = [place for place, error in enumerate(said) if error is None]
        for place, status in zip(wanted, self.stat([moves[place][0] for place in wanted])):
            if isinstance(status, StorageError):
                said[place] = status
            else:
                sizes[place] = status.size
        answers = self._servers.ask(
            [moves[place] for place in sizes], self._move, facts.nothing, subject=lambda move: move[1]
        )
        for place, answer in zip(sizes, answers):
            gone = isinstance(answer, StorageError) and answer.kind == "absent"
            said[place] = self._moved_before(moves[place], sizes[place], answer) if gone else answer
        return said

    def checksum(self, targets: Sequence[str]) -> list[Checksum | StorageError]:
        return self._servers.each(
            targets, lambda fs, path, limit, hear: fs.query(QueryCode.CHECKSUM, path, limit, hear), facts.checksum
        )

    def delete(self, targets: Sequence[str]) -> list[None | StorageError]:
        said: list[None | StorageError] = [None] * len(targets)
        kinds: dict[bool, list[int]] = {True: [], False: []}
        for place, status in enumerate(self.stat(targets)):
            if isinstance(status, StorageError):
                said[place] = status
            else:
                kinds[status.is_directory].append(place)
        for is_directory, places in kinds.items():
            remove = _remove_directory if is_directory else _remove_file
            answers = self._servers.each([targets[place] for place in places], remove, facts.nothing)
            for place, answer in zip(places, answers):
                # what was there a moment ago has been removed, the answer to that lost
                gone = isinstance(answer, StorageError) and answer.kind == "absent"
                said[place] = None if gone else answer
        return said

    def mkdir(self, directories: Sequence[str]) -> list[None | StorageError]:
        said = self._servers.each(
            directories,
            lambda fs, path, limit, hear: fs.mkdir(path, MkDirFlags.MAKEPATH, _DIRECTORY_MODE, limit, hear),
            facts.nothing,
        )
        refused = [place for place, answer in enumerate(said) if _is_refused(answer)]  # since they exist, mostly
        for place, status in zip(refused, self.stat([directories[place] for place in refused])):
            if isinstance(status, FileStatus) and status.is_directory:
                said[place] = None
        return said

    def fetch(self, transfers: Sequence[Transfer], progress: Progress) -> list[FileStatus | StorageError]:
        return self._staging.fetch(transfers, progress)

    def store(self, transfers: Sequence[Transfer], progress: Progress) -> list[FileStatus | StorageError]:
        return self._staging.store(transfers, progress)

    def download(self, target: str, local: str, begin: int, size: int, moved: Moved) -> None:
        files.download(target, local, begin, size, self._timeout, moved)

    def upload(self, temporary: str, local: str, size: int, moved: Moved) -> None:
        files.upload(temporary, local, size, self._timeout, moved)

    def _move(self, move: tuple[str, str], hear: Hear) -> Any:
        server, path = self._servers.at(move[0])
        host, to = parted(move[1])
        if host != parted(move[0])[0]:
            raise StorageError("unsupported", move[1], f"it is on another server than {move[0]}")
        if path == to:
            raise StorageError("unsupported", move[1], "it is the temporary file itself")
        return server.mv(path, to, self._timeout, hear)

    def _moved_before(self, move: tuple[str, str], size: int, error: None | StorageError) -> None | StorageError:
        """What it means that a file of so many bytes is not there any more."""
        temporary, status = self.stat(move)
        if isinstance(temporary, FileStatus):
            return error
        if isinstance(status, FileStatus) and not status.is_directory and status.size == size:
            return None
        return StorageError("transient", move[1], "it is not known whether it was renamed: the answer was lost")

    def _without_directory(self, moves: Sequence[tuple[str, str]]) -> list[None | StorageError]:
        """Servers make the directories that a new name lacks; only what stays in its own needs no look."""
        said: list[None | StorageError] = [None] * len(moves)
        directories = [target.rpartition("/")[0] for _, target in moves]
        apart = [i for i, move in enumerate(moves) if move[0].rpartition("/")[0] != directories[i]]
        for place, status in zip(apart, self.stat([directories[place] for place in apart])):
            if isinstance(status, StorageError):
                said[place] = status
        return said


def _remove_file(fs: Any, path: str, limit: int, hear: Hear) -> Any:
    return fs.rm(path, limit, hear)


def _remove_directory(fs: Any, path: str, limit: int, hear: Hear) -> Any:
    return fs.rmdir(path, limit, hear)


def _is_refused(answer: None | StorageError) -> bool:
    return answer is not None and answer.kind == "unsupported"

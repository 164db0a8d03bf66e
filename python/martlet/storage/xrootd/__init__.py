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
        said = self._without_directory(moves)
        wanted = [place for place, error in enumerate(said) if error is None]
        some = [moves[place] for place in wanted]
        moved = self._servers.ask(some, self._move, facts.nothing, self._moved_before, lambda move: move[1])
        for place, answer in zip(wanted, moved):
            said[place] = answer
        return said

    def checksum(self, targets: Sequence[str]) -> list[Checksum | StorageError]:
        return self._servers.each(
            targets, lambda fs, path, limit, hear: fs.query(QueryCode.CHECKSUM, path, limit, hear), facts.checksum
        )

    def delete(self, targets: Sequence[str]) -> list[None | StorageError]:
        said = self._servers.each(
            targets, lambda fs, path, limit, hear: fs.rm(path, limit, hear), facts.nothing, _deleted_before
        )
        refused = [place for place, answer in enumerate(said) if _is_refused(answer)]  # directories, mostly
        again = self._servers.each(
            [targets[place] for place in refused],
            lambda fs, path, limit, hear: fs.rmdir(path, limit, hear),
            facts.nothing,
            _deleted_before,
        )
        for place, answer in zip(refused, again):
            said[place] = said[place] if answer else None
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
        return server.mv(path, to, self._timeout, hear)

    def _moved_before(self, move: tuple[str, str], error: StorageError) -> StorageError | None:
        """Once the temporary file is gone and its target there, an earlier try was heard."""
        gone = error.kind == "absent" and isinstance(self.stat([move[1]])[0], FileStatus)
        return None if gone else error

    def _without_directory(self, moves: Sequence[tuple[str, str]]) -> list[None | StorageError]:
        """Servers make the directories that a new name lacks; only what stays in its own needs no look."""
        said: list[None | StorageError] = [None] * len(moves)
        directories = [target.rpartition("/")[0] for _, target in moves]
        apart = [i for i, move in enumerate(moves) if move[0].rpartition("/")[0] != directories[i]]
        for place, status in zip(apart, self.stat([directories[place] for place in apart])):
            if isinstance(status, StorageError):
                said[place] = status
        return said


def _deleted_before(target: str, error: StorageError) -> StorageError | None:
    return None if error.kind == "absent" else error


def _is_refused(answer: None | StorageError) -> bool:
    return answer is not None and answer.kind == "unsupported"

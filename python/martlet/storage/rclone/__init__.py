"""`rclone://REMOTE/path`: whatever rclone has a remote for, by the program rclone and its own configuration.

`rclone://REMOTE/path` is what rclone calls `REMOTE:path`, and `rclone://REMOTE//path` is `REMOTE:/path`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from ...targets.temporary import temporary_name
from ..answers import each, only
from ..backend import Backend
from ..errors import StorageError
from ..listings import Existence, Listings, Names, existence
from ..patience import Patience
from ..staging import Moved, Staging
from ..values import Checksum, DirectoryEntry, FileStatus, Progress, Transfer
from ..waits import Waits
from . import facts
from .commit import Commit, Naming, Place
from .daemon import Daemon

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_WORTHWHILE = 4
"""Fewer targets of a directory are asked for one by one."""
_DIGESTS = ("md5", "sha1", "sha256")
"""Of those that a remote has, the first is asked for."""


class RClone(Backend):
    schemes: ClassVar = ("rclone",)

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Settings that count: `timeout` and `connect_timeout` (seconds), `retries`, `parallel`, `checksum` (`"none"`
        compares sizes alone), `config`: rclone's configuration file, where it is not the usual one.
        """
        self._daemon = Daemon(settings.get("config"), Waits.of(settings))
        self._parallel = int(settings.get("parallel", 8))
        self._patience = Patience.of(settings)
        compares = settings.get("checksum", "auto") != "none"
        self._staging = Staging(self, self._patience, self._parallel, compares)
        self._listings = Listings(self._names, lambda targets: [existence(status) for status in self.stat(targets)])
        self._features: dict[str, facts.Features] = {}

    def stat(self, targets: Sequence[str]) -> list[FileStatus | StorageError]:
        """For a target that is not there rclone lists its directory; for many that is done once."""
        groups: dict[str, list[int]] = {}
        for place, target in enumerate(targets):
            groups.setdefault(target.rstrip("/").rpartition("/")[0], []).append(place)
        directories = [name for name, members in groups.items() if len(members) >= _WORTHWHILE]
        listed = dict(zip(directories, self.list_directories(directories)))
        alone = [place for name, members in groups.items() if name not in listed for place in members]
        answers = dict(zip(alone, self._each([targets[place] for place in alone], self._status)))
        for name, entries in listed.items():
            found = {} if isinstance(entries, StorageError) else {entry.name: entry for entry in entries}
            for place in groups[name]:
                entry = found.get(targets[place].rstrip("/").rpartition("/")[2])
                if entry is not None:
                    answers[place] = FileStatus(entry.size or 0, entry.modified or 0, entry.is_directory)
                elif isinstance(entries, StorageError):
                    answers[place] = entries
                else:
                    answers[place] = StorageError("absent", targets[place], "nothing is there")
        return [answers[place] for place in range(len(targets))]

    def look(self, targets: Sequence[str], planning: int | None) -> list[Existence]:
        return self._listings.look(targets, planning)

    def list_directories(self, directories: Sequence[str]) -> list[list[DirectoryEntry] | StorageError]:
        return self._each(directories, self._entries)

    def read(self, target: str, offset: int, count: int) -> bytes:
        def one(target: str) -> bytes:
            status = self._status(target)
            if status.is_directory:
                raise StorageError("unsupported", target, "it is a directory")
            there = min(count, status.size - offset)
            return self._daemon.read(*_place(target), offset, there, target) if there > 0 else b""

        return only(self._each([target], one))

    def put(self, data: bytes, besides: str) -> str:
        temporary = temporary_name(besides)
        with tempfile.NamedTemporaryFile(prefix="martlet-") as file:
            file.write(data)
            file.flush()
            only(self._each([temporary], lambda target: self._copy_there(file.name, target, len(data), _unheard)))
        return temporary

    def commit(self, moves: Sequence[tuple[str, str]]) -> list[None | StorageError]:
        batch = Commit(self._daemon)

        def one(move: tuple[str, str]) -> None:
            naming = self._naming(move)
            batch.carry_out(naming, self._has(naming.target.remote).replaces_in_one_step)

        def ended(move: tuple[str, str], answer: None | StorageError) -> None | StorageError:
            try:
                return batch.end(_naming(move), answer)
            except StorageError:  # the answer is that it has no such name
                return answer

        answers = self._each(moves, one, lambda move: move[1])
        return [ended(move, answer) for move, answer in zip(moves, answers)]

    def checksum(self, targets: Sequence[str]) -> list[Checksum | StorageError]:
        return self._each(targets, self._checksum)

    def delete(self, targets: Sequence[str]) -> list[None | StorageError]:
        return self._each(targets, self._delete, after_doubt=_deleted_before)

    def mkdir(self, directories: Sequence[str]) -> list[None | StorageError]:
        return self._each(directories, self._mkdir)

    def fetch(self, transfers: Sequence[Transfer], progress: Progress) -> list[FileStatus | StorageError]:
        self._daemon.start()
        return self._staging.fetch(transfers, progress)

    def store(self, transfers: Sequence[Transfer], progress: Progress) -> list[FileStatus | StorageError]:
        self._daemon.start()
        return self._staging.store(transfers, progress)

    # what Staging asks for

    def download(self, target: str, local: str, begin: int, size: int, moved: Moved) -> None:
        remote, path = _place(target)
        folder, name = os.path.split(local)
        self._daemon.transfer(
            "operations/copyfile", target, size, moved,
            srcFs=remote, srcRemote=path, dstFs=os.path.realpath(folder), dstRemote=name,
        )  # fmt: skip

    def upload(self, temporary: str, local: str, size: int, moved: Moved) -> None:
        self._copy_there(local, temporary, size, moved)

    # one target at a time

    def _status(self, target: str) -> FileStatus:
        remote, path = _place(target)
        if not path:  # the remote's own top is in no directory
            self._entries(target)
            return FileStatus(0, 0, True)
        item = self._daemon.call("operations/stat", target, fs=remote, remote=path, opt={"noMimeType": True})["item"]
        if item is None:
            raise StorageError("absent", target, "nothing is there")
        return facts.status(item)

    def _entries(self, directory: str) -> list[DirectoryEntry]:
        return facts.entries(self._list(directory, noMimeType=True))

    def _names(self, directories: Sequence[str]) -> list[Names]:
        def one(directory: str) -> frozenset[str]:
            return frozenset(item["Name"] for item in self._list(directory, noMimeType=True, noModTime=True))

        return self._each(directories, one)

    def _list(self, directory: str, **options: bool) -> list[Any]:
        remote, path = _place(directory)
        listed: list[Any] = self._daemon.call("operations/list", directory, fs=remote, remote=path, opt=options)["list"]
        return listed

    def _copy_there(self, local: str, target: str, size: int, moved: Moved) -> None:
        remote, path = _place(target)
        folder, name = os.path.split(os.path.realpath(local))  # rclone follows no symbolic links
        self._daemon.transfer(
            "operations/copyfile", target, size, moved, srcFs=folder, srcRemote=name, dstFs=remote, dstRemote=path
        )

    def _naming(self, move: tuple[str, str]) -> Naming:
        """Raises StorageError where it could not be one step."""
        naming = _naming(move)
        (remote, path), (other, new), target = naming
        if other != remote:
            raise StorageError("unsupported", target, f"it is in another remote than {move[0]}")
        if new == path:
            raise StorageError("unsupported", target, "it is the temporary file itself")
        if not self._has(remote).moves_in_one_step:
            words = "this remote may show a file that is being copied"
            raise StorageError("unsupported", target, words)
        if os.path.dirname(new) != os.path.dirname(path):
            self._status(target.rpartition("/")[0])  # it would be made
        return naming

    def _checksum(self, target: str) -> Checksum:
        remote, path = _place(target)
        wanted = [name for name in _DIGESTS if name in self._has(remote).digests][:1]
        options = {"noMimeType": True, "showHash": bool(wanted), "hashTypes": wanted}
        item = self._daemon.call("operations/stat", target, fs=remote, remote=path, opt=options)["item"]
        if item is None:
            raise StorageError("absent", target, "nothing is there")
        for algorithm, digest in (item.get("Hashes") or {}).items():
            if digest:
                return Checksum(algorithm, digest)
        raise StorageError("unsupported", target, "this remote has no digest of it")

    def _delete(self, target: str) -> None:
        remote, path = _place(target)
        is_directory = self._status(target).is_directory
        if is_directory and self._list(target):
            raise StorageError("unsupported", target, "the directory is not empty")
        try:
            self._daemon.call(f"operations/{'rmdir' if is_directory else 'deletefile'}", target, fs=remote, remote=path)
        except StorageError as error:
            if error.kind != "absent":  # it was there: rclone has tried again what had been done
                raise

    def _mkdir(self, directory: str) -> None:
        remote, path = _place(directory)
        self._daemon.call("operations/mkdir", directory, fs=remote, remote=path)
        if not self._has(remote).has_directories:
            return
        if not self._status(directory).is_directory:
            raise StorageError("unsupported", directory, "it is a file")

    def _has(self, remote: str) -> facts.Features:
        if remote not in self._features:
            self._features[remote] = facts.features(self._daemon.call("operations/fsinfo", remote, fs=remote))
        return self._features[remote]

    def _each(
        self,
        items: Sequence[Item],
        one: Callable[[Item], Answer],
        subject: Callable[[Item], str] = str,
        after_doubt: Callable[[Item, StorageError], Answer | StorageError] = lambda item, error: error,
    ) -> list[Answer | StorageError]:
        """`after_doubt`: as `Patience.ask` has it."""

        def once(some: list[Item]) -> list[Answer | StorageError]:
            try:
                self._daemon.start()
            except StorageError as error:
                return [StorageError(error.kind, subject(item), error.message) for item in some]
            return each(some, one, self._parallel)

        return self._patience.ask(once, items, after_doubt) if items else []


def _naming(move: tuple[str, str]) -> Naming:
    return Naming(_place(move[0]), _place(move[1]), move[1])


def _deleted_before(target: str, error: StorageError) -> None | StorageError:
    """An earlier try may have been heard, and its answer lost."""
    return None if error.kind == "absent" else error


def _unheard(count: int) -> None:
    """Nobody wants to know how far it has come."""


def _place(target: str) -> Place:
    _, _, rest = target.partition("://")
    name, _, path = rest.partition("/")
    if not name:
        raise StorageError("unsupported", target, "it names no remote")
    if any(character < " " or character == "\x7f" for character in path):
        raise StorageError("unsupported", target, "rclone calls files with control characters in their names otherwise")
    if ".." in path.split("/"):
        raise StorageError("unsupported", target, "`..` could lead out of the store")
    top = "/" if path.startswith("/") else ""
    return Place(f"{name}:{top}", path.strip("/"))

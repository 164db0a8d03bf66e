"""A user's own back end, found by its entry point: `rude://any/path`, files of a directory.

It lies, loses, delays, hangs and dies when told to by files in `.faults` of that directory, and writes down in `.calls`
what it was asked.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any
from zlib import adler32

from martlet.storage import Backend, Checksum, DirectoryEntry, FileStatus, Kind, StorageError

_numbers = count()
_KINDS = {kind.value for kind in Kind}


def inject(root: Path, fault: str, operation: str, part: str = "", times: int = 1) -> None:
    """The next `times` operations of that kind on paths that contain `part` go wrong: a class of errors, `lie`, `lose`,
    `hang`, `die`, `raise`, `few` (answers). 0 times: all."""
    (root / ".faults").mkdir(exist_ok=True)
    for _ in range(max(1, times)):
        number = len(list((root / ".faults").iterdir()))
        name = root / ".faults" / f"{number:06}-{os.getpid()}-{next(_numbers)}.json"
        name.write_text(json.dumps({"fault": fault, "operation": operation, "part": part, "always": not times}))


def calls(root: Path) -> list[tuple[str, int]]:
    """What was asked so far, and of how many targets at once."""
    try:
        lines = (root / ".calls").read_text().splitlines()
    except FileNotFoundError:
        return []
    return [(line.split()[0], int(line.split()[1])) for line in lines]


class Rude(Backend):
    schemes = ("rude",)

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        root = settings.get("root") or settings.get("options", {}).get("root")
        if root is None:
            raise StorageError(Kind.DENIED, "", "the store has no setting `root`")
        self.root = Path(root)

    # ---- faults and paths

    def _begin(self, operation: str, targets: Sequence[str]) -> None:
        with open(self.root / ".calls", "a") as file:
            file.write(f"{operation} {len(targets)} {os.getpid()}\n")
        for fault in ("hang", "die", "raise"):
            if any(self._goes_wrong(operation, target, fault) for target in targets):
                if fault == "hang":
                    time.sleep(1000)
                if fault == "die":
                    os.kill(os.getpid(), signal.SIGKILL)
                raise ValueError("a mistake in the back end")

    def _goes_wrong(self, operation: str, target: str, *faults: str) -> str:
        folder = self.root / ".faults"
        for name in sorted(folder.iterdir()) if folder.is_dir() else ():
            injected = json.loads(name.read_text())
            if (
                injected["operation"] == operation
                and injected["part"] in target
                and (injected["fault"] in faults)
            ):
                if not injected["always"]:
                    name.unlink()
                return str(injected["fault"])
        return ""

    def _path(self, target: str) -> Path:
        return self.root.joinpath(*[part for part in target.partition("://")[2].split("/")[1:] if part])

    def _check(self, operation: str, target: str) -> Path:
        if kind := self._goes_wrong(operation, target, *_KINDS):
            raise StorageError(kind, target, "so it was told")
        return self._path(target)

    def _each(self, operation: str, targets: Sequence[str], one: Any) -> list[Any]:
        self._begin(operation, targets)
        answers: list[Any] = []
        for target in targets:
            try:
                answers.append(one(target, self._check(operation, target)))
            except StorageError as error:
                answers.append(error)
            except (FileNotFoundError, NotADirectoryError):
                answers.append(StorageError(Kind.ABSENT, target, "no such file"))
            except OSError as error:
                answers.append(StorageError(Kind.UNSUPPORTED, target, str(error.strerror)))
        if targets and self._goes_wrong(operation, targets[0], "few"):
            answers.pop()
        return answers

    # ---- operations

    def stat(self, targets: Sequence[str]) -> list[FileStatus | StorageError]:
        def one(target: str, path: Path) -> FileStatus:
            status = path.stat()
            size = status.st_size - bool(self._goes_wrong("stat", target, "lie"))
            return FileStatus(0 if path.is_dir() else size, status.st_mtime_ns, path.is_dir())

        return self._each("stat", targets, one)

    def list_directories(self, directories: Sequence[str]) -> list[list[DirectoryEntry] | StorageError]:
        def one(_: str, path: Path) -> list[DirectoryEntry]:
            found = [(entry, entry.stat()) for entry in path.iterdir() if entry.name not in (".faults", ".calls")]
            return [
                DirectoryEntry(entry.name, False, status.st_size, status.st_mtime_ns)
                if entry.is_file()
                else DirectoryEntry(entry.name, True)
                for entry, status in found
            ]

        return self._each("list", directories, one)

    def read(self, target: str, offset: int, count: int) -> bytes:
        def one(target: str, path: Path) -> bytes:
            with open(path, "rb") as file:
                file.seek(offset)
                data = file.read(count)
            return b"?" + data[1:] if data and self._goes_wrong("read", target, "lie") else data

        return _only(self._each("read", [target], one))

    def put(self, data: bytes, besides: str) -> str:
        temporary = f"{besides.rpartition('/')[0]}/.tmp-{os.getpid()}-{next(_numbers)}"

        def one(target: str, _: Path) -> str:
            if not self._goes_wrong("put", target, "lose"):
                self._path(temporary).write_bytes(data)
            return temporary

        return _only(self._each("put", [besides], one))

    def commit(self, moves: Sequence[tuple[str, str]]) -> list[None | StorageError]:
        temporaries = {target: temporary for temporary, target in moves}

        def one(target: str, path: Path) -> None:
            if self._goes_wrong("commit", target, "lose"):
                return self._path(temporaries[target]).unlink()
            os.replace(self._path(temporaries[target]), path)
            if self._goes_wrong("commit", target, "late"):
                os.rename(path, path.with_name(f".late-{path.name}"))
            return None

        return self._each("commit", [target for _, target in moves], one)

    def checksum(self, targets: Sequence[str]) -> list[Checksum | StorageError]:
        return self._each("checksum", targets, lambda _, path: Checksum("adler32", f"{adler32(path.read_bytes()):08x}"))

    def delete(self, targets: Sequence[str]) -> list[None | StorageError]:
        return self._each("delete", targets, lambda _, path: path.rmdir() if path.is_dir() else path.unlink())

    def mkdir(self, directories: Sequence[str]) -> list[None | StorageError]:
        return self._each("mkdir", directories, lambda _, path: path.mkdir(parents=True, exist_ok=True))


def _only(answers: list[Any]) -> Any:
    if isinstance(answers[0], StorageError):
        raise answers[0]
    return answers[0]

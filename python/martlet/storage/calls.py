"""Asking stores, many targets at a time."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, Union

from .. import _bridge
from . import looked, recent
from .errors import Kind, StorageError
from .launching import ready
from .values import Checksum, DirectoryEntry, FileStatus, Progress, UnfinishedUpload

Location = Union[str, "os.PathLike[str]"]
"""A URL, or a local path."""

_PIECE = 16 << 20
"""Bytes that one read asks for when the whole of a file is wanted."""
_T = TypeVar("_T")


def value(answer: _T | StorageError) -> _T:
    """The answer; raises it where it is an error."""
    if isinstance(answer, StorageError):
        raise answer
    return answer


def stat(targets: Sequence[Location]) -> list[FileStatus | StorageError]:
    """Size and time of each; of class `absent` where the store says that nothing is there."""
    return _batch("stat", targets, _status)


def look(targets: Sequence[Location], planning: int | None = None) -> list[bool | StorageError]:
    """Whether each is there; an error where that cannot be found out.

    `planning`: calls with the same number may use what was seen before; None asks anew.
    """
    if not targets:
        return []
    texts = [_text(target) for target in targets]
    _ready(texts)
    header: dict[str, Any] = {"op": "look", "count": len(texts)}
    if planning is not None:
        header["planning"] = planning
    try:
        content = looked.joined(texts)
    except UnicodeEncodeError:
        raise _cannot_cross(texts) from None
    answer, content = _send(header, texts, content)
    return looked.decoded(
        answer["reasons"],
        content,
        lambda place, why: StorageError(why["error"], _bridge.without_credentials(texts[place]), why["message"]),
    )


def list_directories(directories: Sequence[Location]) -> list[list[DirectoryEntry] | StorageError]:
    """What is directly inside each, sorted by name."""
    return _batch("list", directories, lambda answer: [DirectoryEntry(*entry) for entry in answer["entries"]])


def unfinished(directories: Sequence[Location]) -> list[list[UnfinishedUpload] | StorageError]:
    """Uploads to names directly inside each that were begun and not ended, and that no listing shows.

    `delete` of what is `temporary` gives them up. None where temporary files are files like others.
    """
    return _batch("unfinished", directories, lambda answer: [UnfinishedUpload(*one) for one in answer["uploads"]])


def read(target: Location, offset: int = 0, count: int | None = None) -> bytes:
    """So many bytes, fewer at the end of the file; all that follow if `count` is None. Raises StorageError."""
    if count is not None:
        return _read(target, offset, count)
    pieces = []
    while piece := _read(target, offset, _PIECE):
        pieces.append(piece)
        offset += len(piece)
        if len(piece) < _PIECE:
            break
    return b"".join(pieces)


def _read(target: Location, offset: int, count: int) -> bytes:
    answers, content = _ask("read", [target], offset=offset, count=count)
    value(_answer(answers[0], _text(target), lambda _: None))
    return content


def put(content: bytes, besides: Location) -> str:
    """Writes a small content under a temporary name beside a target, and returns that: `commit` gives it the target's.

    Raises StorageError.
    """
    answers, _ = _ask("put", [besides], content)
    return value(_answer(answers[0], _text(besides), lambda answer: str(answer["target"])))


def commit(moves: Sequence[tuple[Location, Location]]) -> list[None | StorageError]:
    """Gives temporary files the names of their targets, each in one step: (temporary, target)."""
    targets = [target for _, target in moves]
    answers = _batch("commit", targets, lambda _: None, temporaries=[_text(temporary) for temporary, _ in moves])
    _remember(targets, answers)
    return answers


def checksum(targets: Sequence[Location]) -> list[Checksum | StorageError]:
    """What the store itself keeps or computes; of class `unsupported` where it has none to offer."""
    return _batch("checksum", targets, lambda answer: Checksum(answer["algorithm"], answer["digest"]))


def delete(targets: Sequence[Location]) -> list[None | StorageError]:
    """Removes files and empty directories."""
    for target in targets:
        recent.forget(_text(target))
    return _batch("delete", targets, lambda _: None)


def mkdir(directories: Sequence[Location]) -> list[None | StorageError]:
    """Makes directories, with those above them; content with those that exist."""
    return _batch("mkdir", directories, lambda _: None)


def fetch(
    transfers: Sequence[tuple[Location, Location]], progress: Progress | None = None
) -> list[FileStatus | StorageError]:
    """Brings files here, many at once: (target, local path). Each appears whole, and compared, or not at all.

    The folders of the local paths must exist.
    """
    targets = [target for target, _ in transfers]
    return _batch("fetch", targets, _status, progress=progress, locals=[_local(path) for _, path in transfers])


def store(
    transfers: Sequence[tuple[Location, Location]], progress: Progress | None = None
) -> list[FileStatus | StorageError]:
    """Takes local files there, many at once: (local path, target). Each appears whole, and compared, or not at all.

    Directories above the targets are made where they lack.
    """
    targets = [target for _, target in transfers]
    answers = _batch("store", targets, _status, progress=progress, locals=[_local(path) for path, _ in transfers])
    _remember(targets, answers)
    return answers


# ---- one batch


def _batch(
    operation: str,
    targets: Sequence[Location],
    read: Callable[[dict[str, Any]], _T],
    progress: Progress | None = None,
    **members: Any,
) -> list[_T | StorageError]:
    if not targets:
        return []
    answers, _ = _ask(operation, targets, progress=progress, **members)
    return [_answer(answer, _text(target), read) for answer, target in zip(answers, targets)]


def _ask(
    operation: str, targets: Sequence[Location], content: bytes = b"", progress: Progress | None = None, **members: Any
) -> tuple[list[dict[str, Any]], bytes]:
    texts = [_text(target) for target in targets]
    _ready(texts)
    answer, content = _send({"op": operation, "targets": texts, **members}, texts, content, progress)
    answers: list[dict[str, Any]] = answer["answers"]
    return answers, content


def _ready(texts: Sequence[str]) -> None:
    remote = next((text for text in texts if "://" in text), None)
    if remote is not None:
        ready(remote)


def _send(
    header: dict[str, Any], texts: Sequence[str], content: bytes, progress: Progress | None = None
) -> tuple[dict[str, Any], bytes]:
    """`texts`: what the request is about."""
    try:
        answer, content = _bridge.ask_stores(json.dumps(header, ensure_ascii=False), content, progress)
    except UnicodeEncodeError:
        raise _cannot_cross(texts) from None
    said: dict[str, Any] = json.loads(answer)
    return said, content


def _cannot_cross(texts: Sequence[str]) -> StorageError:
    wrong = next((text for text in texts if not _can_cross(text)), "a local path")
    return StorageError(Kind.UNSUPPORTED, ascii(wrong), "its name holds bytes that are no UTF-8")


def _answer(answer: dict[str, Any], location: str, read: Callable[[dict[str, Any]], _T]) -> _T | StorageError:
    if "error" in answer:
        return StorageError(answer["error"], _bridge.without_credentials(location), answer.get("message", ""))
    return read(answer)


def _status(answer: dict[str, Any]) -> FileStatus:
    return FileStatus(answer["size"], answer["modified"], answer["directory"])


def _remember(targets: Sequence[Location], answers: Sequence[object]) -> None:
    for target, answer in zip(targets, answers):
        if not isinstance(answer, StorageError):
            recent.remember(_text(target))


def _text(location: Location) -> str:
    text = os.fspath(location)
    if "\0" in text:
        raise ValueError(f"{text!r} is no location: it holds a NUL character")
    return text


def _local(path: Location) -> str:
    """A local path as it counts from everywhere; `file://` is one too."""
    text = _text(path)
    return os.path.abspath(text.removeprefix("file://") if text.startswith("file://") else text)


def _can_cross(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True

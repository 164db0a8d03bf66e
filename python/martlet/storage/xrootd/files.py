"""Contents of files on XRootD servers, read and written in pieces of which several are under way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import FileIO
from typing import Any

from XRootD import client
from XRootD.client.flags import AccessMode, OpenFlags

from ..errors import StorageError
from .requests import Hear, Pipeline
from .status import check

_PIECE = 2 << 20
_UNDER_WAY = 4
"""Pieces of one file; with ten milliseconds each way that is 400 MB a second."""
_MODE = AccessMode.UR | AccessMode.UW | AccessMode.GR | AccessMode.OR

Moved = Callable[[int], None]
"""Is told of so many more bytes."""


def read(url: str, offset: int, count: int, timeout: int) -> bytes:
    """Fewer bytes at the end of the file."""
    parts = []
    with _opened(url, OpenFlags.READ, timeout) as file:
        while count > 0:
            status, data = file.read(offset, min(count, _PIECE), timeout)
            check(status, url)
            if not data:
                break
            parts.append(data)
            offset, count = offset + len(data), count - len(data)
    return b"".join(parts)


def write(url: str, data: bytes, timeout: int) -> None:
    """Makes a file, or replaces its content."""
    with _opened(url, OpenFlags.DELETE, timeout) as file:
        for offset in range(0, len(data), _PIECE):
            piece = data[offset : offset + _PIECE]
            check(file.write(piece, offset, len(piece), timeout)[0], url)


def download(url: str, local: str, begin: int, size: int, timeout: int, moved: Moved) -> None:
    """Writes bytes `begin..<size` of a remote file to the same places of a local one."""
    opened = _opened(url, OpenFlags.READ, timeout)
    with open(local, "r+b", buffering=0) as here, opened as file, _pipeline(url) as pieces:
        here.seek(begin)
        offset = begin
        while offset < size or pieces:
            if offset < size and pieces.has_room:
                count = min(_PIECE, size - offset)
                pieces.send(count, partial(_read, file, offset, count, timeout))
                offset += count
                continue
            count, data = pieces.next()
            if len(data) != count:
                raise StorageError("transient", url, f"it ends before {size:,} bytes have come")
            _write_all(here, data)
            moved(count)


def upload(url: str, local: str, size: int, timeout: int, moved: Moved) -> None:
    """Makes a file of the first `size` bytes of a local one, and the directories above it where they lack."""
    flags = OpenFlags.DELETE | OpenFlags.MAKEPATH
    with open(local, "rb", buffering=0) as here, _opened(url, flags, timeout) as file, _pipeline(url) as pieces:
        offset = 0
        while offset < size or pieces:
            if offset < size and pieces.has_room:
                data = here.read(min(_PIECE, size - offset))
                if not data:
                    raise StorageError("corrupt", url, f"the local file has become shorter than {size:,} bytes")
                pieces.send(data, partial(_write, file, data, offset, timeout))
                offset += len(data)
                continue
            moved(len(pieces.next()[0]))


@contextmanager
def _opened(url: str, flags: int, timeout: int) -> Iterator[Any]:
    file = client.File()
    check(file.open(url, flags, 0 if flags == OpenFlags.READ else _MODE, timeout)[0], url)
    try:
        yield file
    except BaseException:
        file.close(timeout)  # what went wrong before is what is told of
        raise
    check(file.close(timeout)[0], url)


@contextmanager
def _pipeline(url: str) -> Iterator[Pipeline]:
    pipeline = Pipeline(url, _UNDER_WAY)
    try:
        yield pipeline
    finally:
        pipeline.drain()


def _read(file: Any, offset: int, count: int, timeout: int, hear: Hear) -> Any:
    return file.read(offset, count, timeout, hear)


def _write(file: Any, data: bytes, offset: int, timeout: int, hear: Hear) -> Any:
    return file.write(data, offset, len(data), timeout, hear)


def _write_all(file: FileIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]

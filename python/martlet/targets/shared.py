"""Contents by name that all processes of a run see, and that are gone with the last of them."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, MutableMapping

_HEADER = struct.Struct("<BQQ")
"""What happened; bytes of the name; bytes of the content."""
_SET, _DELETED, _CLEARED = range(3)
_CHUNK = 1 << 20


class SharedContents(MutableMapping[str, bytes]):
    """A dict from text to bytes that is the same in a process and all that are forked from it.

    Changes are appended to a file in memory without a name, one after another, and read by the others when they look
    at it next; no process serves it. What is overwritten or deleted takes memory until the last process ends, so it is
    for tests and small things.
    """

    def __init__(self) -> None:
        self._descriptor = os.memfd_create("martlet-shared-contents")
        # each process has its own copy of this, and of how far it has read
        self._known: dict[str, bytes] = {}
        self._read = 0

    def _append(self, kind: int, name: str = "", content: bytes = b"") -> None:
        named = name.encode("utf-8", "surrogateescape")
        record = memoryview(_HEADER.pack(kind, len(named), len(content)) + named + content)
        os.lockf(self._descriptor, os.F_LOCK, 0)
        try:
            self._current()
            end = self._read
            os.ftruncate(self._descriptor, end)  # who was killed while writing left half a record
            while record:
                written = os.pwrite(self._descriptor, record, end)
                end += written
                record = record[written:]
        finally:
            os.lockf(self._descriptor, os.F_ULOCK, 0)

    def _current(self) -> dict[str, bytes]:
        """All there is now; what is being written at this moment is not."""
        size = os.fstat(self._descriptor).st_size
        if size == self._read:
            return self._known
        data = self._between(self._read, size)
        start = 0
        while len(data) - start >= _HEADER.size:
            kind, name_size, content_size = _HEADER.unpack_from(data, start)
            middle = start + _HEADER.size + name_size
            if len(data) < middle + content_size:
                break
            name = data[start + _HEADER.size : middle].decode("utf-8", "surrogateescape")
            self._apply(kind, name, data[middle : middle + content_size])
            start = middle + content_size
        self._read += start
        return self._known

    def _between(self, start: int, end: int) -> bytes:
        parts = []
        while start < end:
            part = os.pread(self._descriptor, min(end - start, _CHUNK), start)
            parts.append(part)
            start += len(part)
        return b"".join(parts)

    def _apply(self, kind: int, name: str, content: bytes) -> None:
        if kind == _SET:
            self._known[name] = content
        elif kind == _DELETED:
            self._known.pop(name, None)
        else:
            self._known.clear()

    def __getitem__(self, name: str) -> bytes:
        return self._current()[name]

    def __setitem__(self, name: str, content: bytes) -> None:
        self._append(_SET, name, content)

    def __delitem__(self, name: str) -> None:
        if name not in self._current():
            raise KeyError(name)
        self._append(_DELETED, name)

    def __contains__(self, name: object) -> bool:
        return name in self._current()

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._current()))

    def __len__(self) -> int:
        return len(self._current())

    def clear(self) -> None:
        self._append(_CLEARED)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._current()!r})"

    def __del__(self) -> None:
        if "_descriptor" in self.__dict__:
            os.close(self._descriptor)

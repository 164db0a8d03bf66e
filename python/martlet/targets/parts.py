"""Files in stores of which only what is read is fetched."""

from __future__ import annotations

import io
from typing import Any

from .. import storage
from ..storage import FileStatus, Kind, StorageError

PIECE = 1 << 20
"""Bytes that are fetched at once where less is asked for."""


class PartsFile(io.RawIOBase):
    """The bytes of a file in a store, to be read from any place in it.

    close() looks at the file again, and raises StorageError of class `corrupt` where it was replaced meanwhile: what
    was read may then be of both.
    """

    def __init__(self, location: str) -> None:
        """Raises StorageError where it is not there, or is a directory."""
        self._at = 0
        self._location = location
        self._status = self._look()

    def _look(self) -> FileStatus:
        status = storage.value(storage.stat([self._location])[0])
        if status.is_directory:
            raise StorageError(Kind.UNSUPPORTED, self._location, "it is a directory")
        return status

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._status.size}[whence]
        if start + offset < 0:
            raise ValueError(f"{start + offset} is before the beginning of the file")
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fetches what fits into the buffer, as far as the file goes."""
        wanted = min(len(buffer), max(0, self._status.size - self._at))
        if wanted == 0:
            return 0
        content = storage.read(self._location, self._at, wanted)
        if len(content) != wanted:
            words = f"{len(content):,} bytes came instead of {wanted:,}: it was replaced meanwhile"
            raise StorageError(Kind.CORRUPT, self._location, words)
        buffer[:wanted] = content
        self._at += wanted
        return wanted

    def close(self) -> None:
        if self.closed:
            return
        super().close()
        if self._look() != self._status:
            raise StorageError(Kind.CORRUPT, self._location, "it was replaced while it was read")


def opened(location: str) -> io.BufferedReader:
    """The file, with what was fetched last at hand."""
    return io.BufferedReader(PartsFile(location), PIECE)

"""Bytes whose line ends are those of the system in the file, and `\\n` in the program."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable, Iterator
from typing import Any

from .layer import Layer, WrappedFormat

_LINE_END = re.compile(rb"\r\n|\n|\r")
_KNOWN = (None, "", "\n", "\r", "\r\n")


class NewlineWrapper(Layer):
    """Translates line ends between a program and a file of bytes, as io.TextIOWrapper does for text.

    `newline`: None for `\\n` when reading and the system's when writing; "" translates nothing; any other is what is
    written, and nothing is translated when reading.
    """

    def __init__(self, stream: Any, newline: str | None = None) -> None:
        if newline not in _KNOWN:
            raise ValueError(f"newline must be one of {', '.join(map(repr, _KNOWN))}, not {newline!r}")
        super().__init__(stream)
        self.newline = newline
        self._lines: io.TextIOWrapper | None = None
        self._after_return = False

    def _translated(self) -> io.TextIOWrapper:
        # Latin-1 gives each byte one character, and io knows of line ends that fall between two reads.
        if self._lines is None:
            self._lines = io.TextIOWrapper(self._stream, "latin-1", newline=None)
        return self._lines

    def read(self, n: int | None = -1) -> bytes:
        """All that is left, or about `n` bytes."""
        if self.newline is not None:
            data: bytes = self._stream.read(-1 if n is None else n)
            return data
        return self._translated().read(n).encode("latin-1")

    def readline(self, n: int = -1) -> bytes:
        """One line."""
        if self.newline is not None:
            line: bytes = self._stream.readline(n)
            return line
        return self._translated().readline(n).encode("latin-1")

    def readlines(self) -> list[bytes]:
        """All lines that are left."""
        return list(iter(self.readline, b""))

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.readline, b"")

    def write(self, b: bytes) -> int:
        """Writes, whatever line ends are in it; one may be split between two calls."""
        size = len(b)
        if self.newline != "":
            if self._after_return and b[:1] == b"\n":
                b = b[1:]
            if size:
                self._after_return = b.endswith(b"\r")
            end = (os.linesep if self.newline is None else self.newline).encode()
            b = _LINE_END.sub(lambda _: end, b)
        self._stream.write(b)
        return size

    def writelines(self, lines: Iterable[bytes]) -> None:
        """Writes one after another."""
        for line in lines:
            self.write(line)


class NewlineFormat(WrappedFormat):
    """Bytes with translated line ends; takes the arguments of NewlineWrapper."""

    input = "bytes"
    output = "bytes"
    wrapper_cls = NewlineWrapper

"""Compressed bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .base import Format, drop


class _Valve:
    """What a compressor writes to: passes it on until it is shut, since closing a compressor writes once more."""

    def __init__(self, below: Any) -> None:
        self.below = below
        self.open = True

    def write(self, data: Any) -> int:
        """Writes, or drops."""
        return int(self.below.write(data)) if self.open else len(data)

    def flush(self) -> None:
        """Flushes what is below."""
        if self.open:
            self.below.flush()


class CompressedWriter:
    """A compressor over a file that can be aborted; forgetting to close it aborts."""

    def __init__(self, compressor_on: Callable[[Any], Any], below: Any) -> None:
        self._valve = _Valve(below)
        self._compressor = compressor_on(self._valve)

    def close(self) -> None:
        """Completes the file."""
        if not self._valve.open:
            return
        try:
            self._compressor.close()
        except BaseException:  # Ctrl-C too leaves nothing half written
            self.abort()
            raise
        self._valve.open = False
        self._valve.below.close()

    def abort(self, *exception: Any) -> None:
        """Drops what was written, because of an exception if there is one."""
        if self._valve.open:
            self._valve.open = False
            self._compressor.close()
            drop(self._valve.below, *exception)

    def __del__(self) -> None:
        if "_compressor" in self.__dict__:
            self.abort()

    def __enter__(self) -> CompressedWriter:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            self.close()
        else:
            self.abort(kind, error, trace)

    def __getattr__(self, name: str) -> Any:
        try:
            return getattr(self.__dict__["_compressor"], name)
        except AttributeError:
            return getattr(self._valve.below, name)


class CompressedReader:
    """A decompressor over a file it closes too."""

    def __init__(self, decompressor: Any, below: Any) -> None:
        self._decompressor = decompressor
        self._below = below

    def close(self) -> None:
        """Closes both."""
        self._decompressor.close()
        self._below.close()

    def __enter__(self) -> CompressedReader:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.close()

    def __iter__(self) -> Any:
        return iter(self._decompressor)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_decompressor"], name)


class GzipFormat(Format):
    """gzip. The time is left out, so that the same content gives the same bytes."""

    input = "bytes"
    output = "bytes"

    def __init__(self, compression_level: int | None = None) -> None:
        """`compression_level`: 1 (fast) to 9 (small); 6 by default, as the program's."""
        self.compression_level = compression_level

    def pipe_reader(self, input_pipe: Any) -> Any:
        from gzip import GzipFile  # slow to import, and only needed by those who compress

        return CompressedReader(GzipFile(fileobj=input_pipe, mode="rb"), input_pipe)

    def pipe_writer(self, output_pipe: Any) -> Any:
        from gzip import GzipFile

        level = 6 if self.compression_level is None else int(self.compression_level)
        return CompressedWriter(lambda below: GzipFile("", "wb", level, below, mtime=0), output_pipe)


class Bzip2Format(Format):
    """bzip2."""

    input = "bytes"
    output = "bytes"

    def pipe_reader(self, input_pipe: Any) -> Any:
        from bz2 import BZ2File  # slow to import, and only needed by those who compress

        return CompressedReader(BZ2File(input_pipe, "rb"), input_pipe)

    def pipe_writer(self, output_pipe: Any) -> Any:
        from bz2 import BZ2File

        return CompressedWriter(lambda below: BZ2File(below, "wb"), output_pipe)

"""Compressed bytes."""

from __future__ import annotations

from typing import Any

from .base import Format


class CompressedWriter:
    """A compressor over a file that can be aborted."""

    def __init__(self, compressor: Any, below: Any) -> None:
        self._compressor = compressor
        self._below = below

    def close(self) -> None:
        """Completes the file."""
        if not self._compressor.closed:
            try:
                self._compressor.close()
            except BaseException:
                self._below.abort()
                raise
            self._below.close()

    def abort(self) -> None:
        """Drops what was written."""
        self._below.abort()

    def __enter__(self) -> CompressedWriter:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_compressor"], name)


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
        return CompressedWriter(GzipFile("", "wb", level, output_pipe, mtime=0), output_pipe)


class Bzip2Format(Format):
    """bzip2."""

    input = "bytes"
    output = "bytes"

    def pipe_reader(self, input_pipe: Any) -> Any:
        from bz2 import BZ2File  # slow to import, and only needed by those who compress

        return CompressedReader(BZ2File(input_pipe, "rb"), input_pipe)

    def pipe_writer(self, output_pipe: Any) -> Any:
        from bz2 import BZ2File

        return CompressedWriter(BZ2File(output_pipe, "wb"), output_pipe)

"""Text, in an encoding."""

from __future__ import annotations

import io
from typing import Any

from .base import Format, drop


class TextWriter(io.TextIOWrapper):
    """Text over a binary file that can be aborted; forgetting to close it aborts."""

    def abort(self) -> None:
        """Drops what was written."""
        drop(self.buffer)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            self.close()
        else:
            drop(self.buffer, kind, error, trace)

    def __del__(self) -> None:
        if not self.closed:
            self.abort()

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":
            raise AttributeError(name)  # __init__ has not come so far
        return getattr(self.buffer, name)


class TextFormat(Format):
    """Text. Takes the arguments of io.TextIOWrapper; UTF-8 unless `encoding` says otherwise."""

    input = "unicode"
    output = "bytes"

    def __init__(self, encoding: str = "utf-8", errors: str = "strict", newline: str | None = None) -> None:
        self.encoding = encoding
        self.errors = errors
        self.newline = newline
        self.plain = errors == "strict" and newline is None
        """Characters are encoded one by one and nothing else happens."""

    def pipe_reader(self, input_pipe: Any) -> Any:
        return io.TextIOWrapper(input_pipe, self.encoding, self.errors, self.newline)

    def pipe_writer(self, output_pipe: Any) -> Any:
        return TextWriter(output_pipe, self.encoding, self.errors, self.newline)

"""Bytes, into which text may be written too."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

from .layer import Layer, WrappedFormat


class MixedUnicodeBytesWrapper(Layer):
    """A file of bytes that encodes the text it is given, with a warning."""

    def __init__(self, stream: Any, encoding: str | None = None) -> None:
        super().__init__(stream)
        self.encoding = encoding or "utf-8"

    def write(self, b: str | bytes) -> int:
        """Writes bytes, or text in the encoding."""
        return int(self._stream.write(self._encoded(b)) or 0)

    def writelines(self, lines: Iterable[str | bytes]) -> None:
        """Writes one after another."""
        self._stream.writelines([self._encoded(line) for line in lines])

    def _encoded(self, data: str | bytes) -> bytes:
        if isinstance(data, str):
            warnings.warn("Writing unicode to byte stream", stacklevel=3)
            return data.encode(self.encoding)
        return data


class MixedUnicodeBytesFormat(WrappedFormat):
    """Bytes or text; takes the arguments of MixedUnicodeBytesWrapper."""

    output = "bytes"
    wrapper_cls = MixedUnicodeBytesWrapper

"""Digests of local bytes, by the names that stores give them."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from typing import Protocol

_PIECE = 1 << 20


class Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


class Adler32:
    """What the grid's storage keeps of each file; eight hexadecimal digits."""

    def __init__(self) -> None:
        self._value = 1

    def update(self, data: bytes, /) -> None:
        self._value = zlib.adler32(data, self._value)

    def hexdigest(self) -> str:
        return f"{self._value:08x}"


_KNOWN: dict[str, Callable[[], Digest]] = {
    "adler32": Adler32,
    "md5": lambda: hashlib.md5(usedforsecurity=False),
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
}


def of_file(path: str, algorithm: str) -> str | None:
    """The digest of a local file in lower-case hexadecimal; None where the algorithm is not known here."""
    make = _KNOWN.get(algorithm)
    if make is None:
        return None
    digest = make()
    with open(path, "rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()

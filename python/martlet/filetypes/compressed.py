"""One file, compressed: `fit.json.gz` is JSON within gzip. The same content gives the same bytes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from tempfile import TemporaryDirectory
from typing import IO, Any, cast

from .base import FileType

_CHUNK = 1 << 20


class Compressed:
    """The file type of a compressed file: that of the name within, unpacked and packed on its way."""

    def __init__(self, end: str, within: str) -> None:
        """`end`: gz, bz2 or xz; `within`: the name without it, bytes where nothing is known of it."""
        from . import of, split

        self._end = end
        self._within = within or "file"
        self._inner: FileType = of(self._within, None if split(self._within)[1] else "bin")

    def load(self, path: str, **options: Any) -> Any:
        """What the compressed file holds. `options`: those of the type within."""
        with TemporaryDirectory(prefix="martlet-") as folder:
            plain = os.path.join(folder, self._within)
            with self._opened(path, "rb") as packed, open(plain, "wb") as file:
                shutil.copyfileobj(packed, file, _CHUNK)
            return self._inner.load(plain, **options)

    def dump(self, obj: Any, path: str, **options: Any) -> None:
        """Writes the object as its type does, and packs that."""
        with TemporaryDirectory(prefix="martlet-") as folder:
            plain = os.path.join(folder, self._within)
            self._inner.dump(obj, plain, **options)
            with open(plain, "rb") as file, self._opened(path, "wb") as packed:
                shutil.copyfileobj(file, packed, _CHUNK)

    def _opened(self, path: str, mode: str) -> AbstractContextManager[IO[bytes]]:
        if self._end == "gz":
            return _gzip(path, mode)
        opened: IO[bytes] = import_module("bz2" if self._end == "bz2" else "lzma").open(path, mode)
        return opened


@contextmanager
def _gzip(path: str, mode: str) -> Iterator[IO[bytes]]:
    """gzip without a name and a time in its head."""
    from gzip import GzipFile

    with open(path, mode) as below, GzipFile("", mode, fileobj=below, mtime=0) as file:
        yield cast("IO[bytes]", file)

"""A file that is not called as its type wants it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from .base import FileType


class Renamed:
    """A file type for files with other names: it sees them under the one that it is given."""

    def __init__(self, inner: FileType, name: str) -> None:
        self._inner = inner
        self._name = name

    def load(self, path: str, **options: Any) -> Any:
        """What the file holds."""
        with self._called(path) as named:
            return self._inner.load(named, **options)

    def dump(self, obj: Any, path: str, **options: Any) -> None:
        """Writes the object."""
        with self._called(path) as named:
            self._inner.dump(obj, named, **options)

    @contextmanager
    def _called(self, path: str) -> Iterator[str]:
        with TemporaryDirectory(prefix="martlet-") as folder:
            named = os.path.join(folder, self._name)
            os.symlink(os.path.abspath(path), named)
            yield named

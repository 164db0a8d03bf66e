"""Local ends of transfers, whose troubles are told as a store's are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from .backend import of_system
from .errors import StorageError


@contextmanager
def telling(path: str) -> Iterator[None]:
    """Within the block an OSError is a StorageError about that path."""
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        raise of_system(error, path) from error


@contextmanager
def arriving(partial: str, path: str) -> Iterator[None]:
    """Makes an empty file at `partial`, which is called `path` when the block ends well, and is gone if not."""
    with telling(path):
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))
        try:
            yield
            os.replace(partial, path)
        except BaseException:
            os.unlink(partial)
            raise

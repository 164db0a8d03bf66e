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


def written_so_far(path: str) -> int:
    """Bytes that a file has; 0 where there is none."""
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def read_so_far(path: str) -> int:
    """How far into a file this process has read it, by whichever library; 0 where none has it open."""
    real = os.path.realpath(path)
    farthest = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            if os.readlink(f"/proc/self/fd/{name}") != real:
                continue
            with open(f"/proc/self/fdinfo/{name}") as file:
                farthest = max(farthest, int(file.readline().split()[1]))  # `pos:` comes first, proc(5)
        except (OSError, ValueError, IndexError):  # it was closed meanwhile
            continue
    return farthest

"""The file that the driver prints to, if it is one: then it keeps what tasks print that run in the driver."""

from __future__ import annotations

import os
import stat
import sys


def path() -> str:
    """The absolute path of that file; empty for a terminal, a pipe, or a stream that Python was given instead."""
    try:
        if sys.stdout.fileno() != 1 or not stat.S_ISREG(os.fstat(1).st_mode):
            return ""
        path = os.readlink("/proc/self/fd/1")
        return path if os.path.samestat(os.stat(path), os.fstat(1)) else ""
    except (OSError, ValueError, AttributeError):  # no stdout, or one without a file; the file is gone
        return ""


def descriptor(path: str) -> int | None:
    """A descriptor of the file whose offset is nobody else's."""
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC) if path else None

"""What a task is for peers that know functions only."""

from __future__ import annotations

import os

from .. import stamps
from ..job import CONTENT, path_of
from ..shapes import Key


def write(path: str) -> None:
    """Makes a file under a temporary name."""
    temporary = path + ".tmp"
    with open(temporary, "w") as file:
        file.write(CONTENT)
    os.replace(temporary, path)


def work(files: str, stamped: str, key: Key) -> None:
    """Writes the file of a task; where `stamped` names a file of times, only says there when it ran."""
    if not stamped:
        write(path_of(files, *key))
    elif key[0] == "file":
        stamps.stamp(stamped, key[2])

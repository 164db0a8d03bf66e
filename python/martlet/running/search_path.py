"""What this process's search path holds besides what came with its Python."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from collections.abc import Iterable


def of_the_user(entries: Iterable[str]) -> list[str]:
    """Without the standard library and the packages of this interpreter, which mean nothing to that of a sandbox.

    A sandbox is there for packages of its own; those from here would stand before them.
    """
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    own = {*(sysconfig.get_path(name) for name in names), *site.getsitepackages(), site.getusersitepackages()}
    folders = tuple(os.path.realpath(folder) for folder in own if folder)
    archive = f"python{sys.version_info[0]}{sys.version_info[1]}.zip"
    return [entry for entry in entries if os.path.basename(entry) != archive and not _lies_in(entry, folders)]


def _lies_in(entry: str, folders: tuple[str, ...]) -> bool:
    real = os.path.realpath(entry)
    return any(real == folder or real.startswith(folder + os.sep) for folder in folders)

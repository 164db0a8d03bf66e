"""Which packages are installed, as the names of their folders tell it: reading their metadata would cost 30 ms."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from ..unchanged import Unchanged

_ENDS = (".dist-info", ".egg-info")


def packages(path: Iterable[str] | None = None) -> dict[str, str]:
    """Versions by normalised name, of what can be imported by way of `path` (`sys.path` by default)."""
    found: dict[str, str] = {}
    for entry in sys.path if path is None else path:
        try:
            here = _folders.of(entry or ".")
        except OSError:
            continue  # a zip archive, or a folder that is not there
        for project, version in here.items():
            # what comes first on the path is what is imported
            found.setdefault(project, version)
    return dict(sorted(found.items()))


def in_environment(folder: str) -> dict[str, str]:
    """The same of a virtual environment."""
    base = os.path.join(folder, "lib")
    try:
        return packages(os.path.join(base, name, "site-packages") for name in sorted(os.listdir(base)))
    except OSError:
        return {}


def python_of(folder: str) -> str:
    """Of a virtual environment the version of Python, as in `3.12`; empty where that cannot be told."""
    try:
        names = [name for name in os.listdir(os.path.join(folder, "lib")) if name.startswith("python3.")]
    except OSError:
        return ""
    return names[0].removeprefix("python") if len(names) == 1 else ""


def _packages_in(folder: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in os.listdir(folder):
        if not name.endswith(_ENDS):
            continue
        project, _, version = name.rpartition(".")[0].partition("-")
        # Debian's egg-info carries the version of Python too
        version = version.partition("-py")[0] if name.endswith(".egg-info") else version
        found.setdefault(project.lower().replace("_", "-").replace(".", "-"), version)
    return found


_folders = Unchanged(_packages_in)
"""A folder's time tells that a package came or went; an upgrade renames its folder."""

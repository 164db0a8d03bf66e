"""The back ends in Python there are. A new one is one file of its own and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from .backend import Backend
from .errors import Kind, StorageError

GROUP = "martlet.storage"
"""Entry points of this group add back ends: the name is the URL scheme, the value `module:Class`."""


class Entry(NamedTuple):
    """A back end that comes with Martlet, and what to install for it."""

    name: str
    schemes: tuple[str, ...]
    path: str
    """`module:Class`"""
    needs: str
    """What `pip install` takes."""


BACKENDS: tuple[Entry, ...] = (
    Entry("xrootd", ("root", "roots", "xroot", "xroots"), "martlet.storage.xrootd:XRootD", "martlet[xrootd]"),
    Entry("fsspec", (), "martlet.storage.fsspec:FSSpec", "martlet[fsspec]"),
    Entry("rclone", ("rclone",), "martlet.storage.rclone:RClone", "martlet"),
)


def backend_of(target: str, settings: Mapping[str, Any]) -> type[Backend]:
    """The back end that serves a target; raises StorageError where there is none, or where it cannot be imported.

    That is the one that the store's settings name (`backend`), else the one of its scheme; for a scheme such as
    `fsspec+sftp` the one that is called as what stands before the plus.
    """
    scheme = target.partition("://")[0].lower()
    wanted = str(settings.get("backend") or scheme)
    for entry in BACKENDS:
        if wanted == entry.name or wanted in entry.schemes or scheme.partition("+")[0] == entry.name:
            return _imported(entry.path, target, f"pip install '{entry.needs}'")
    from importlib.metadata import entry_points  # slow to import, and needed by users' own alone

    for found in entry_points(group=GROUP):
        if found.name == wanted:
            return _imported(found.value, target, f"mend the package that offers {found.value}")
    raise StorageError(Kind.UNSUPPORTED, target, f"no store is known for {wanted}://")


def _imported(path: str, target: str, way_out: str) -> type[Backend]:
    module, _, name = path.partition(":")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise StorageError(Kind.UNSUPPORTED, target, f"{type(error).__name__}: {error}; {way_out}") from error
    if not (isinstance(found, type) and issubclass(found, Backend)):
        raise StorageError(Kind.UNSUPPORTED, target, f"{path} is no martlet.storage.Backend")
    return found

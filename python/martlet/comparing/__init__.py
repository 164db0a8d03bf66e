"""Whether two files are the same but for what differs each time they are made: dates, identifiers.

A comparer is a module, or any object, with two names:

    LEAVES_OUT = "dates of creation"            # what it does not look at, as it stands in a message

    def difference(first, second):              # local paths
        return None                             # or where they first differ, in one line

`register(".lhe", comparer)` adds one for files whose names end so, or in another's place. The modules beside this one
are imported when files of their kind differ in their bytes.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple, Protocol

_MODULES = {
    ".json": "json_text",
    ".root": "root_file",
    ".parquet": "parquet_file",
    ".npz": "zip_archive",
    ".zip": "zip_archive",
    ".gz": "gzip_stream",
    ".tgz": "gzip_stream",
    ".png": "png_image",
    ".pdf": "pdf_document",
}
"""The comparers that come with Martlet, by the end of a file's name."""


class Comparer(Protocol):
    """What can be registered."""

    LEAVES_OUT: str

    def difference(self, first: str, second: str, /) -> str | None:
        """Where two files first differ, in one line; None where they do not, but for what is left out.

        ImportError where a package is needed that is not installed.
        """


class Comparison(NamedTuple):
    """How two files compare."""

    finding: str
    """`same`: byte for byte; `same but`: but for `detail`; `different`: first in `detail`."""
    detail: str = ""


_registered: dict[str, Any] = {}


def register(end: str, comparer: Any) -> None:
    """Compares files whose names end so (`.lhe`) with this from now on. TypeError for what is no comparer."""
    compares, leaves_out = (getattr(comparer, name, None) for name in ("difference", "LEAVES_OUT"))
    if not callable(compares) or not isinstance(leaves_out, str):
        raise TypeError(f"{comparer!r:.80} is no comparer: it needs difference(first, second) and a text LEAVES_OUT")
    _registered[end if end.startswith(".") else f".{end}"] = comparer


def comparer_of(name: str) -> Comparer | None:
    """The comparer for a file of this name, if there is one. The longest end counts: `.lhe.gz` before `.gz`."""
    known = {**_MODULES, **_registered}
    ends = [end for end in known if name.lower().endswith(end.lower())]
    if not ends:
        return None
    found: Any = known[max(ends, key=len)]
    comparer: Comparer = import_module(f".{found}", __name__) if isinstance(found, str) else found
    return comparer


def compare(first: str, second: str) -> Comparison:
    """Compares two local files, or directories file by file. OSError where one cannot be read."""
    from . import folder, plain_bytes

    if folder.is_folder(first) or folder.is_folder(second):
        return folder.compare(first, second, compare)
    where = plain_bytes.difference(first, second)
    if where is None:
        return Comparison("same")
    comparer = comparer_of(first)
    if comparer is None:
        return Comparison("different", where)
    try:
        found = comparer.difference(first, second)
    except ImportError as error:
        return Comparison("different", f"{where}; {error.name or error} is not installed, which could look closer")
    except Exception as error:  # damaged, or not what its name says: then the bytes decide
        return Comparison("different", f"{where}; it could not be looked into ({type(error).__name__}: {error})")
    return Comparison("different", found) if found else Comparison("same but", comparer.LEAVES_OUT)

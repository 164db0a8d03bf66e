"""File types: how objects are read from files and written to them, chosen by the end of a file's name.

    filetypes.of("histograms.root").load(path)

`LocalTarget.load()` and `dump()` and those of all other targets go through here. Types are imported when used.
"""

from __future__ import annotations

from importlib import import_module
from typing import cast

from .base import FileType, UnfitContent, UnknownFileType

MODULES: dict[str, str] = {
    "text": "txt text log md rst tex html",
    "binary": "bin dat",
    "json": "json",
    "yaml": "yaml yml",
    "pickle": "pkl pickle",
    "compressed": "gz bz2 xz",
    "zip": "zip",
    "tar": "tar tar.gz tgz tar.bz2 tbz2 tar.xz txz",
    "numpy": "npy npz",
    "awkward": "ak awkward",
    "parquet": "parquet pq",
    "root": "root",
    "hdf5": "h5 hdf5 hdf",
    "pandas": "csv tsv",
    "matplotlib": "png pdf svg",
}
"""Modules of this folder and the ends of names that they are for. A new file type is a file here and one line."""

_BY_END: dict[str, str | FileType] = {
    end: f"{__name__}.{module}" for module, ends in MODULES.items() for end in ends.split()
}


def register(ends: str, filetype: FileType | str) -> None:
    """Makes `filetype` the one for names that end in one of `ends`: "lhe" or ".lhe .lhef".

    :param filetype: anything with `load(path, **options)` and `dump(obj, path, **options)`, or the name of a module
        that has them and is imported when used. It comes before Martlet's own.
    """
    for end in ends.split():
        _BY_END[end.lstrip(".").lower()] = filetype


def ends() -> list[str]:
    """The ends of names that are known, without their dots."""
    return list(_BY_END)


def of(name: str, filetype: str | None = None) -> FileType:
    """The type of a file that is called so, or the one for the end that `filetype` gives. Raises UnknownFileType."""
    called = name.rstrip("/").rpartition("/")[2]
    if filetype is not None and split(called)[1] != filetype.lower().lstrip("."):
        from .renamed import Renamed

        wanted = f"file.{filetype.lstrip('.')}"
        return Renamed(of(wanted), wanted)
    stem, end = split(called)
    if not end:
        raise _unknown(called)
    known = _BY_END[end]
    if known == f"{__name__}.compressed":
        from .compressed import Compressed

        return Compressed(end, stem)
    return cast(FileType, import_module(known)) if isinstance(known, str) else known


def split(called: str) -> tuple[str, str]:
    """A file name as what comes before its end, and the longest end that is known; that is empty where none is."""
    parts = called.lower().split(".")
    for first in range(1, len(parts)):
        end = ".".join(parts[first:])
        if end in _BY_END:
            return called[: -len(end) - 1], end
    return called, ""


def _unknown(called: str) -> UnknownFileType:
    from ..diagnostics import did_you_mean  # needed by mistakes alone

    _, dot, end = called.rpartition(".")
    hint = dot and did_you_mean(end, _BY_END) or f"known are {', '.join(_BY_END)}"
    ways_out = 'filetype="json" chooses one, martlet.filetypes.register() adds one'
    return UnknownFileType(f"{called}: no file type has this end ({ways_out}); {hint}")


__all__ = ["MODULES", "FileType", "UnfitContent", "UnknownFileType", "ends", "of", "register", "split"]

"""ZIP archives. The same content gives the same bytes."""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
from collections.abc import Iterator
from typing import Any

from . import extraction
from .extraction import Member

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that the format can tell."""


def load(path: str, into: Any = None, limit: int = extraction.MOST_BYTES) -> Any:
    """The archive's files as a dict from names to bytes, or extracted `into` a new folder, whose path is returned.

    :param limit: bytes that the dict may hold in all.
    """
    with zipfile.ZipFile(path) as archive:
        if into is None:
            return extraction.contents(_members(archive), limit)
        return extraction.extract(_members(archive), str(getattr(into, "path", into)))


def dump(obj: Any, path: str) -> None:
    """Packs a folder, or a dict from names to bytes, texts or files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in extraction.to_pack(obj):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            executable = isinstance(content, str) and os.access(content, os.X_OK)
            info.external_attr = (stat.S_IFREG | (0o755 if executable else 0o644)) << 16
            if isinstance(content, bytes):
                archive.writestr(info, content)
            else:
                with open(content, "rb") as file, archive.open(info, "w", force_zip64=True) as packed:
                    shutil.copyfileobj(file, packed)


def _members(archive: zipfile.ZipFile) -> Iterator[Member]:
    for info in archive.infolist():
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.is_dir():
            yield Member(info.filename, "folder", None)
        elif kind in (0, stat.S_IFREG):
            with archive.open(info) as content:
                yield Member(info.filename, "file", content)
        else:
            yield Member(info.filename, "symbolic link" if stat.S_ISLNK(kind) else "special file", None)

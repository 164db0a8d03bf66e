"""tar archives, plain or compressed. The same content gives the same bytes."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from . import extraction
from .extraction import Member

_KINDS = {
    tarfile.SYMTYPE: "symbolic link", tarfile.LNKTYPE: "hard link", tarfile.CHRTYPE: "device",
    tarfile.BLKTYPE: "device", tarfile.FIFOTYPE: "pipe",
}  # fmt: skip


def load(path: str, into: Any = None, limit: int = extraction.MOST_BYTES) -> Any:
    """The archive's files as a dict from names to bytes, or extracted `into` a new folder, whose path is returned.

    :param limit: bytes that the dict may hold in all.
    """
    with tarfile.open(path, "r:*") as archive:
        if into is None:
            return extraction.contents(_members(archive), limit)
        return extraction.extract(_members(archive), str(getattr(into, "path", into)))


def dump(obj: Any, path: str) -> None:
    """Packs a folder, or a dict from names to bytes, texts or files; compressed as the end of the name says."""
    with _written(path) as archive:
        for name, content in extraction.to_pack(obj):
            info = tarfile.TarInfo(name)
            info.mode = 0o644
            if isinstance(content, bytes):
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
            else:
                info.size = os.path.getsize(content)
                info.mode = 0o755 if os.access(content, os.X_OK) else 0o644
                with open(content, "rb") as file:
                    archive.addfile(info, file)


@contextmanager
def _written(path: str) -> Iterator[tarfile.TarFile]:
    end = path.lower().rpartition(".")[2]
    if end in ("gz", "tgz"):
        from gzip import GzipFile

        # without a name and a time in its head
        with (
            open(path, "wb") as below,
            GzipFile("", "wb", fileobj=below, mtime=0) as file,
            tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            yield archive
        return
    compression = {"bz2": ":bz2", "tbz2": ":bz2", "xz": ":xz", "txz": ":xz"}.get(end, "")
    with tarfile.open(path, f"w{compression}", format=tarfile.PAX_FORMAT) as archive:  # type: ignore[call-overload]
        yield archive


def _members(archive: tarfile.TarFile) -> Iterator[Member]:
    for info in archive:
        if info.isdir():
            yield Member(info.name, "folder", None)
        elif info.isreg():
            yield Member(info.name, "file", archive.extractfile(info))
        else:
            yield Member(info.name, _KINDS.get(info.type, "special file"), None)

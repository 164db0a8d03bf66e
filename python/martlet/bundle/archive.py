"""Packing: the same files give the same bytes, so that what is there need not be sent again."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import IO

from ..data import Data
from .arrival import BundleError
from .contents import MOST_BYTES, Contents, few, size_of

CODE, PACKAGES, MANIFEST = "code", "packages", "bundle.json"
"""Top of a bundle: the analysis, the packages that travel with it, what it is."""
VERSION = 1


class Bundle(Data):
    """A packed analysis."""

    path: Path
    digest: str
    """SHA-256 of the tar archive before it was compressed, in hexadecimal digits."""
    root: Path
    """The folder it was made from."""
    notes: tuple[str, ...]
    """What is in it that one might not expect, and what was left out and why: one line each."""


def pack(contents: Contents, folder: Path, packages: tuple[str, ...] = ("martlet",), most: int = MOST_BYTES) -> Bundle:
    """Writes a bundle into a folder, under a name that its content makes; one that is there is left as it is.

    :param packages: distributions whose files travel too; what they need themselves has to be named as well.
    :param most: bytes that the code may come to.

    Raises BundleError for too much code, OSError.
    """
    total = sum(size_of(contents.root / path) for path in contents.files)
    if total > most:
        largest = ", ".join(f"{path} ({size / 1e6:.0f} MB)" for path, size in contents.largest(3))
        raise BundleError(
            f"{contents.root} holds {total / 1e6:.0f} MB that would travel with every job, more than {most / 1e6:.0f}: "
            f"{largest}; hint: keep data elsewhere, let git ignore it, or name it in `bundle_exclude`"
        )
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".bundle.{os.getpid()}.tmp"
    try:
        with open(temporary, "wb") as file:
            digest = _write(file, contents, packages)
            file.flush()
            os.fsync(file.fileno())
        path = folder / f"{digest[:32]}.tar.gz"
        if path.exists() and path.stat().st_size == temporary.stat().st_size:  # not what a full disk has left of it
            temporary.unlink()
        else:
            os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return Bundle(path=path, digest=digest, root=contents.root, notes=(_told(contents, total), *contents.notes))


def put(source: Path, place: Path) -> None:
    """Copies a file in one step: jobs of another run may be reading the one that is there. Raises OSError."""
    content = source.read_bytes()
    if place.exists() and place.read_bytes() == content:
        return
    temporary = place.with_name(f".{place.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, place)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _told(contents: Contents, total: int) -> str:
    files = "1 file" if len(contents.files) == 1 else f"{len(contents.files)} files"
    new = f", of which git does not track {few(contents.new)}" if contents.new else ""
    return f"{files} of {contents.root} travel with the jobs ({total / 1e6:.1f} MB){new}"


class _Hashing(io.RawIOBase):
    """Passes on what is written, and hashes it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._digest.update(data)
        return self._file.write(data)

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def _write(file: IO[bytes], contents: Contents, packages: tuple[str, ...]) -> str:
    # level 6: twice as fast as 9, and no larger by more than a hundredth
    with gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=6, mtime=0) as packed:
        hashing = _Hashing(packed)  # type: ignore[arg-type]
        with tarfile.open(fileobj=hashing, mode="w|", format=tarfile.PAX_FORMAT) as archive:
            _add_text(archive, MANIFEST, _manifest(contents, packages))
            for path in contents.files:
                _add_if_there(archive, contents.root / path, f"{CODE}/{path}")
            for name in packages:
                for source, place in _files_of(name):
                    _add(archive, source, f"{PACKAGES}/{place}")
        return hashing.hexdigest()


def _manifest(contents: Contents, packages: tuple[str, ...]) -> str:
    # nothing that differs between two packings of the same: no time, no host, no path
    return json.dumps(
        {
            "martlet": "bundle",
            "version": VERSION,
            "files": len(contents.files),
            "packages": {name: _version(name) for name in packages},
        },
        indent=1,
        sort_keys=True,
    )


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "unknown"


def _files_of(name: str) -> Iterator[tuple[Path, str]]:
    """The files of an installed package that belong into a folder of packages, sorted by their places there."""
    if name == "martlet":  # wherever it is imported from: installed, editable, or a source tree
        package = Path(__file__).resolve().parents[1]
        for path in sorted(package.rglob("*")):
            if "__pycache__" not in path.parts and path.is_file():
                yield path, str(Path("martlet") / path.relative_to(package))
        return
    try:
        files = metadata.distribution(name).files or []
    except metadata.PackageNotFoundError:
        raise BundleError(f"no package {name} is installed here; `bundle_packages` names it") from None
    for file in sorted(files):
        place = str(file)
        if not place.startswith("..") and not place.endswith(".pyc") and os.path.isfile(file.locate()):
            yield Path(str(file.locate())), place


def _add_if_there(archive: tarfile.TarFile, source: Path, name: str) -> None:
    """Files that editors make and remove may have gone since they were found. Raises BundleError for what is locked."""
    try:
        _add(archive, source, name)
    except FileNotFoundError:
        return
    except PermissionError as error:
        hint = "hint: `bundle_exclude` keeps it behind"
        raise BundleError(f"{source} cannot be read ({error.strerror}); {hint}") from None


def _add(archive: tarfile.TarFile, source: Path, name: str) -> None:
    entry = tarfile.TarInfo(name)
    mode = os.lstat(source).st_mode
    if os.path.islink(source) and name.startswith(f"{CODE}/"):
        entry.type, entry.linkname = tarfile.SYMTYPE, os.readlink(source)
        archive.addfile(entry)
        return
    entry.mode = 0o755 if mode & 0o100 else 0o644
    with open(source, "rb") as file:
        # a file that grows while it is read must not spoil what follows
        content = file.read()
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    content = text.encode()
    entry = tarfile.TarInfo(name)
    entry.mode, entry.size = 0o644, len(content)
    archive.addfile(entry, io.BytesIO(content))

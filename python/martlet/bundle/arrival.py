"""Unpacking where a job runs: nothing is believed before its digest is, nothing lands outside the folder.

Runs by itself, under whatever Python there is, before Martlet is there: it imports nothing of it.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import posixpath
import shutil
import sys
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import IO

MOST_BYTES = 2_000_000_000
"""Unpacked: more is no code."""


class BundleError(Exception):
    """A bundle cannot be made, or is not to be trusted."""


def unpack(bundle: Path, digest: str, folder: Path, most: int = MOST_BYTES) -> Path:
    """The folder with what is in a bundle, below `folder`; made by the first who asks, used by all others.

    Raises BundleError when the bundle is not the one with this digest or holds what has no place in one, OSError.
    """
    place = folder / digest[:32]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _must_be_ours(folder)
    if place.is_dir():
        return place
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise BundleError(f"{digest!r:.80} is no digest of a bundle")
    found = _digest(bundle, most)
    if found != digest:
        expected = f"its digest is {found[:16]}…, {digest[:16]}… was expected"
        raise BundleError(f"{bundle} is damaged or another one: {expected}")
    temporary = Path(tempfile.mkdtemp(prefix=f".{digest[:16]}.", dir=folder))
    try:
        with gzip.open(bundle) as plain, tarfile.open(fileobj=plain, mode="r|") as archive:
            for entry in archive:
                _take(archive, entry, temporary)
        try:
            os.rename(temporary, place)
        except OSError:
            if not place.is_dir():
                raise
            shutil.rmtree(temporary)  # another job was first
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return place


def _must_be_ours(folder: Path) -> None:
    """Somebody else could have put other code there."""
    status = os.stat(folder)
    if status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise BundleError(f"{folder} belongs to somebody else, or others may write there: nothing in it is believed")


def _digest(bundle: Path, most: int) -> str:
    digest = hashlib.sha256()
    size = 0
    try:
        with gzip.open(bundle) as plain:
            while block := plain.read(1 << 20):
                size += len(block)
                if size > most:
                    raise BundleError(f"{bundle} unpacks to more than {most / 1e9:.1f} GB")
                digest.update(block)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BundleError(f"{bundle} is damaged: {error}") from None
    return digest.hexdigest()


def _take(archive: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path) -> None:
    """Writes one entry of an archive. Raises BundleError for what would land, or lead, outside."""
    name = posixpath.normpath(entry.name)
    if posixpath.isabs(name) or name == ".." or name.startswith("../") or "\0" in name:
        raise BundleError(f"the bundle holds {entry.name!r:.80}, which lies outside of it")
    place = folder / name
    # a link that was unpacked before must not be written through
    for above in list(place.relative_to(folder).parents)[:-1]:
        if (folder / above).is_symlink():
            raise BundleError(f"the bundle holds {entry.name!r:.80}, which lies behind a link")
    if place.is_symlink() or (place.exists() and not entry.isdir()):
        raise BundleError(f"the bundle holds {entry.name!r:.80} twice")
    place.parent.mkdir(parents=True, exist_ok=True)
    if entry.isdir():
        place.mkdir(exist_ok=True)
    elif entry.issym():
        meant = posixpath.normpath(posixpath.join(posixpath.dirname(name), entry.linkname))
        if posixpath.isabs(entry.linkname) or meant == ".." or meant.startswith("../"):
            raise BundleError(f"the bundle holds the link {entry.name!r:.80}, which leads outside of it")
        os.symlink(entry.linkname, place)
    elif entry.isreg():
        content = archive.extractfile(entry)
        assert content is not None
        _copy(content, place, 0o755 if entry.mode & 0o100 else 0o644)
    else:
        raise BundleError(f"the bundle holds {entry.name!r:.80}, which is neither a file nor a folder nor a link")


def _copy(content: IO[bytes], place: Path, mode: int) -> None:
    with open(place, "xb") as file:
        shutil.copyfileobj(content, file, 1 << 20)
    os.chmod(place, mode)


def main(arguments: list[str]) -> int:
    """`python arrival.py BUNDLE DIGEST FOLDER`: prints the folder. The exit code is that of a job's stage."""
    bundle, digest, folder = arguments
    try:
        print(unpack(Path(bundle), digest, Path(folder)))
    except BundleError as error:
        print(f"martlet job: {error}", file=sys.stderr)
        return 26
    except OSError as error:
        print(f"martlet job: cannot unpack {bundle} into {folder}: {error.strerror or error}", file=sys.stderr)
        return 27
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

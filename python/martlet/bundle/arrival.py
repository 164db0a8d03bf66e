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
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

MOST_BYTES = 2_000_000_000
"""Unpacked: more is no code."""
_LIST = ".unpacked"
"""In a folder that was unpacked, the names of all that was, with NUL characters between them."""


class BundleError(Exception):
    """A bundle cannot be made, or is not to be trusted."""


def unpack(bundle: Path, digest: str, folder: Path, most: int = MOST_BYTES) -> Path:
    """The folder with what is in a bundle, below `folder`; made by the first who asks, used by all others.

    Raises BundleError when the bundle is not the one with this digest or holds what has no place in one, OSError.
    """
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise BundleError(f"{digest!r:.80} is no digest of a bundle")
    place = folder / digest[:32]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _must_be_ours(folder)
    if _is_whole(place):
        return place
    temporary = Path(tempfile.mkdtemp(prefix=f".{digest[:16]}.", dir=folder))
    try:
        # opened once: what is unpacked is what was examined, whatever takes the file's name meanwhile
        with open(bundle, "rb") as file:
            found = _digest(file, bundle, most)
            if found != digest:
                expected = f"its digest is {found[:16]}…, {digest[:16]}… was expected"
                raise BundleError(f"{bundle} is damaged or another one: {expected}")
            file.seek(0)
            _unpack(file, temporary)
        _give_name(temporary, place)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return place


def _unpack(file: IO[bytes], folder: Path) -> None:
    names = []
    with gzip.open(file) as plain, tarfile.open(fileobj=plain, mode="r|") as archive:
        for entry in archive:
            names.append(_take(archive, entry, folder))
    _must_stay_inside(folder, names)
    (folder / _LIST).write_bytes(b"\0".join(os.fsencode(name) for name in names))


def _is_whole(place: Path) -> bool:
    """Whether all that was unpacked is still there: old files below /tmp are removed on many machines, one by one."""
    try:
        names = (place / _LIST).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return all(os.path.lexists(os.path.join(os.fsencode(place), name)) for name in names.split(b"\0"))


def _give_name(temporary: Path, place: Path) -> None:
    """Puts what was unpacked in its place, and away what is left there of an earlier arrival."""
    for _ in range(3):
        try:
            return os.rename(temporary, place)
        except OSError:
            if _is_whole(place):
                return shutil.rmtree(temporary)  # another job was first
            if not place.is_dir():
                raise
        remains = tempfile.mkdtemp(prefix=".old.", dir=place.parent)
        with suppress(FileNotFoundError):  # another job has put it away
            os.rename(place, os.path.join(remains, "it"))
        shutil.rmtree(remains, ignore_errors=True)
    raise BundleError(f"{place} is put away by others again and again")


def _must_be_ours(folder: Path) -> None:
    """Somebody else could have put other code there, or a link."""
    status = os.stat(folder)
    ours = status.st_uid == os.lstat(folder).st_uid == os.geteuid()
    if not ours or status.st_mode & 0o022:
        raise BundleError(f"{folder} belongs to somebody else, or others may write there: nothing in it is believed")


def _digest(file: IO[bytes], bundle: Path, most: int) -> str:
    """Of what is in a file; `bundle`: how it is called."""
    digest = hashlib.sha256()
    size = 0
    try:
        with gzip.open(file) as plain:
            while block := plain.read(1 << 20):
                size += len(block)
                if size > most:
                    raise BundleError(f"{bundle} unpacks to more than {most / 1e9:.1f} GB")
                digest.update(block)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BundleError(f"{bundle} is damaged: {error}") from None
    return digest.hexdigest()


def _take(archive: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path) -> str:
    """Writes one entry of an archive. Returns its name; raises BundleError for what would land, or lead, outside."""
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
    return name


def _must_stay_inside(folder: Path, names: Sequence[str]) -> None:
    """Links may lead out by way of each other, which no name tells."""
    inside = os.path.realpath(folder)
    for name in names:
        place = os.path.join(inside, name)
        if os.path.islink(place) and not Path(os.path.realpath(place)).is_relative_to(inside):
            raise BundleError(f"the bundle holds the link {name!r:.80}, which leads outside of it")


def _copy(content: IO[bytes], place: Path, mode: int) -> None:
    with open(place, "xb") as file:
        shutil.copyfileobj(content, file, 1 << 20)
    os.chmod(place, mode)


def main(arguments: list[str]) -> int:
    """`python arrival.py BUNDLE DIGEST FOLDER`: prints the folder. The exit code is that of a job's stage."""
    bundle, digest, folder = arguments
    try:
        place = unpack(Path(bundle), digest, Path(folder))
        sys.stdout.buffer.write(os.fsencode(place) + b"\n")  # whatever the locale
    except (BundleError, tarfile.TarError) as error:
        print(f"martlet job: {error}", file=sys.stderr)
        return 26
    except OSError as error:
        print(f"martlet job: cannot unpack {bundle} into {folder}: {error.strerror or error}", file=sys.stderr)
        return 27
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Which source files differ from the commit that is checked out, mostly as git's own index tells it."""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from typing import NamedTuple

from ..running import revision
from ..unchanged import state

_TIMES = struct.Struct(">10I")
"""ctime s and ns, mtime s and ns, device, inode, mode, owner, group, size"""
_EXTENDED = 0x4000


class _Entry(NamedTuple):
    modified: tuple[int, int]
    size: int
    blob: bytes


class _Unreadable(Exception):
    """An index that another version of git wrote, or none."""


class Dirtiness:
    """The state of one working tree, looked at once."""

    def __init__(self, root: str) -> None:
        self._root = root
        self.revision = revision.of(root)
        """The commit that is checked out; None outside of a repository."""

    def of(self, files: Sequence[str]) -> list[str] | None:
        """Those of the files that differ from the commit, or that git does not know; None where that can't be told."""
        try:
            return self._by_index(sorted(set(files)))
        except (_Unreadable, OSError):
            return self._ask_git(files)

    def _by_index(self, files: Sequence[str]) -> list[str]:
        names = [os.fsencode(os.path.relpath(os.path.realpath(file), self._root)) for file in files]
        entries = _entries(self._root, 32 if len(self.revision or "") == 64 else 20, names)
        return [file for file, entry in zip(files, entries) if _differs(file, entry)]

    def _ask_git(self, files: Sequence[str]) -> list[str] | None:
        import subprocess  # seldom needed

        names = [os.path.relpath(os.path.realpath(file), self._root) for file in files]
        try:
            # no lock: nothing is written into the user's repository
            asked = subprocess.run(
                ["git", "--no-optional-locks", "status", "--porcelain=v1", "-z", "--no-renames", "--", *names],
                cwd=self._root, capture_output=True, timeout=20, stdin=subprocess.DEVNULL, check=True,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError):
            return None
        told = {os.fsdecode(line[3:]) for line in asked.stdout.split(b"\0") if line}
        return sorted(file for file, name in zip(files, names) if name in told)


def _differs(file: str, entry: _Entry | None) -> bool:
    if entry is None:
        return True
    status = os.stat(file)
    if status.st_size & 0xFFFFFFFF != entry.size:
        return True
    seconds, nanoseconds = divmod(status.st_mtime_ns, 1_000_000_000)
    if (seconds & 0xFFFFFFFF, nanoseconds) == entry.modified and nanoseconds:
        return False
    with open(file, "rb") as opened:
        content = opened.read()
    return _blob(content, len(entry.blob)) != entry.blob


_known: dict[str, tuple[tuple[int, ...], dict[bytes, _Entry | None]]] = {}
"""By path of an index: which file that was, and what it says of those that were asked for, for the next run of this
process. Of what may be a large repository no more is kept."""


def _entries(root: str, digits: int, names: Sequence[bytes]) -> list[_Entry | None]:
    """What a repository's index says of some files. Raises _Unreadable where it says less than what is committed."""
    folder = revision.git_directory(root)
    if folder is None:
        raise _Unreadable
    path = os.path.join(folder, "index")
    with open(path, "rb") as file:
        # git never writes into an index: it renames another into its place
        now = state(os.fstat(file.fileno()))
        before, told = _known.get(path, ((), {}))
        if before != now or not told.keys() >= set(names):
            entries = _index(file.read(), digits)
            told = {**(told if before == now else {}), **{name: entries.get(name) for name in names}}
            _known[path] = now, told
    return [told[name] for name in names]


def _index(content: bytes, digits: int) -> dict[bytes, _Entry]:
    """The entries of an index."""
    if len(content) < 12 + digits:
        raise _Unreadable
    signature, version, count = struct.unpack_from(">4sII", content)
    if signature != b"DIRC" or version not in (2, 3):
        raise _Unreadable
    entries, at = {}, 12
    for _ in range(count):
        begin = at
        numbers = _TIMES.unpack_from(content, at)
        at += _TIMES.size
        blob = content[at : at + digits]
        (flags,) = struct.unpack_from(">H", content, at + digits)
        at += digits + (4 if flags & _EXTENDED else 2)
        end = content.index(b"\0", at)
        if (flags >> 12) & 3 == 0:  # no conflict
            entries[content[at:end]] = _Entry((numbers[2], numbers[3]), numbers[9], blob)
        at = begin + (end - begin + 8) // 8 * 8
    if not _is_committed(content, at, digits):
        raise _Unreadable
    return entries


def _is_committed(content: bytes, at: int, digits: int) -> bool:
    """Whether the index is the tree of a commit: `git add` takes that mark away, a commit sets it."""
    while at + 8 <= len(content) - digits:
        name, size = struct.unpack_from(">4sI", content, at)
        at += 8
        if name == b"TREE":
            # the root's entry: an empty name, NUL, the number of its entries; -1 where something was added since
            return content[at : at + 1] == b"\0" and content[at + 1 : at + 2] != b"-"
        at += size
    return False


def _blob(content: bytes, digits: int) -> bytes:
    """Git's name of a file's content."""
    written = b"blob %d\0" % len(content) + content
    if digits == 32:
        from hashlib import sha256

        return sha256(written).digest()
    try:
        from _sha1 import sha1  # type: ignore[import-not-found]  # loading OpenSSL costs 3 ms
    except ImportError:
        from hashlib import sha1
    return bytes(sha1(written, usedforsecurity=False).digest())

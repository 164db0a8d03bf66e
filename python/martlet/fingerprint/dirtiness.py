"""Which source files differ from the commit that is checked out, mostly as git's own index tells it."""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from typing import NamedTuple

from .._bridge import real_path
from ..running import revision
from ..unchanged import is_settled, state
from .repository import below

_TIMES = struct.Struct(">10I")
"""ctime s and ns, mtime s and ns, device, inode, mode, owner, group, size"""
_EXTENDED = 0x4000


class _Entry(NamedTuple):
    changed: tuple[int, int]
    modified: tuple[int, int]
    size: int
    blob: bytes


class _Index(NamedTuple):
    """What an index says of some files."""

    written: tuple[int, int]
    """Seconds and nanoseconds: a file of that time, or later, may have been written again within one tick of it."""
    entries: Sequence[_Entry | None]


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
        names = [os.fsencode(below(self._root, real_path(file))) for file in files]
        index = _look_up(self._root, self.revision or "", names)
        return [file for file, entry in zip(files, index.entries) if _differs(file, entry, index.written)]

    def _ask_git(self, files: Sequence[str]) -> list[str] | None:
        import subprocess  # seldom needed

        names = [below(self._root, real_path(file)) for file in files]
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


def _differs(file: str, entry: _Entry | None, written: tuple[int, int]) -> bool:
    if entry is None:
        return True
    status = os.stat(file)
    if status.st_size & 0xFFFFFFFF != entry.size:
        return True
    modified, changed = _time(status.st_mtime_ns), _time(status.st_ctime_ns)
    # the time of the last change tells what was put there with the other time set back
    if modified == entry.modified and changed == entry.changed and modified[1] and max(modified, changed) < written:
        return False
    with open(file, "rb") as opened:
        content = opened.read()
    return _blob(content, len(entry.blob)) != entry.blob


def _time(nanoseconds: int) -> tuple[int, int]:
    """As an index has it."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return seconds & 0xFFFFFFFF, rest


_known: dict[str, tuple[object, dict[bytes, _Entry | None]]] = {}
"""By path of an index: which file that was and of which commit, and what it says of those that were asked for, for the
next run of this process. Of what may be a large repository no more is kept."""


def _look_up(root: str, commit: str, names: Sequence[bytes]) -> _Index:
    """What a repository's index says of some files. Raises _Unreadable where it is not of the commit that is checked
    out: `git add`, a commit that was given up, `git reset --soft`."""
    folder = revision.git_directory(root)
    if folder is None:
        raise _Unreadable
    path = os.path.join(folder, "index")
    with open(path, "rb") as file:
        status = os.fstat(file.fileno())
        now, settled = (state(status), commit), is_settled(status)
        before, told = _known.get(path, (None, {}))
        if before != now or not told.keys() >= set(names):
            entries, tree = _index(file.read(), 32 if len(commit) == 64 else 20)
            if tree != _tree(root, commit):
                raise _Unreadable
            told = {**(told if before == now else {}), **{name: entries.get(name) for name in names}}
            if settled:
                _known[path] = now, told
    return _Index(_time(status.st_mtime_ns), [told[name] for name in names])


_trees: dict[str, str | None] = {}
"""By commit, the tree that it is of: that never changes."""


def _tree(root: str, commit: str) -> str | None:
    if commit not in _trees:
        _trees[commit] = revision.tree_of(root, commit) or _tree_as_git_tells(root, commit)
    return _trees[commit]


def _tree_as_git_tells(root: str, commit: str) -> str | None:
    """Of a commit that has been packed; what git said once is kept for later processes."""
    from . import shelf

    kept = os.path.join(shelf.folder(), f"tree-{commit}")
    try:
        with open(kept, encoding="ascii") as file:
            return file.read()
    except (OSError, ValueError):
        pass  # it was not asked for yet, or cannot be kept
    import subprocess  # seldom needed

    try:
        asked = subprocess.run(
            ["git", "-C", root, "rev-parse", "--verify", "--quiet", f"{commit}^{{tree}}"],
            capture_output=True, timeout=20, stdin=subprocess.DEVNULL, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    told = asked.stdout.decode("ascii", "replace").strip()
    shelf.keep(kept, told)
    return told


def _index(content: bytes, digits: int) -> tuple[dict[bytes, _Entry], str]:
    """The entries of an index, and the full name of the tree that they make; empty where one was added since."""
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
            changed, modified = (numbers[0], numbers[1]), (numbers[2], numbers[3])
            entries[content[at:end]] = _Entry(changed, modified, numbers[9], blob)
        at = begin + (end - begin + 8) // 8 * 8
    return entries, _tree_in_index(content, at, digits)


def _tree_in_index(content: bytes, at: int, digits: int) -> str:
    """The tree's name among the index's extensions. Raises _Unreadable for one that must be understood, and is not."""
    tree = ""
    while at + 8 <= len(content) - digits:
        name, size = struct.unpack_from(">4sI", content, at)
        at += 8
        if name == b"TREE":
            # the root's entry: an empty name, NUL, the number of its entries; -1 where something was added since
            about, _, rest = content[at : at + size].partition(b"\n")
            tree = rest[:digits].hex() if about.startswith(b"\0") and about[1:2] != b"-" else ""
        elif name[:1].islower():  # entries that are elsewhere, or stand for whole folders
            raise _Unreadable
        at += size
    return tree


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

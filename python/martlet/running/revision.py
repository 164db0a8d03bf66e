"""The commit that is checked out around a directory, read as git's own files say it: a process would cost 20 ms."""

from __future__ import annotations

import os


def of(directory: str) -> str | None:
    """The full name of the commit that HEAD names; None outside a repository, before its first commit, or where its
    files cannot be read. Whether files differ from that commit is not looked at."""
    try:
        found = git_directory(os.path.abspath(directory))
        if found is None:
            return None
        common = _common_directory(found)
        head = _first_line(os.path.join(found, "HEAD"))
        for _ in range(5):  # as many symbolic references as git itself follows
            if head is None or not head.startswith("ref: "):
                break
            name = head[5:].strip()
            head = _first_line(os.path.join(found, name)) or _first_line(os.path.join(common, name))
            head = head or _packed(common, name)
    except (OSError, ValueError):
        return None
    return head if head is not None and _is_name(head) else None


def tree_of(directory: str, commit: str) -> str | None:
    """The full name of the tree that a commit is of; None where it lies among many objects in one file, which only git
    reads."""
    found = git_directory(os.path.abspath(directory))
    if found is None:
        return None
    place = os.path.join(_common_directory(found), "objects", commit[:2], commit[2:])
    try:
        with open(place, "rb") as file:
            packed = file.read()
    except OSError:
        return None
    import zlib  # for those who ask

    try:
        kind, _, content = zlib.decompress(packed).partition(b"\0")
    except zlib.error:
        return None
    name = content[5 : len(commit) + 5].decode("ascii", "replace")
    return name if kind.startswith(b"commit ") and content.startswith(b"tree ") and _is_name(name) else None


def git_directory(directory: str) -> str | None:
    """The repository's own directory; a worktree or submodule names it in a file."""
    while True:
        candidate = os.path.join(directory, ".git")
        if os.path.isfile(os.path.join(candidate, "HEAD")):
            return candidate
        line = _first_line(candidate)
        if line is not None and line.startswith("gitdir: "):
            return os.path.join(directory, line[8:])
        directory, below = os.path.dirname(directory), directory
        if directory == below:
            return None


def _common_directory(repository: str) -> str:
    """Where the references lie that all worktrees share."""
    line = _first_line(os.path.join(repository, "commondir"))
    return repository if line is None else os.path.join(repository, line)


def _packed(common: str, name: str) -> str | None:
    """The reference as `packed-refs` has it: lines of a commit, a space and a name."""
    try:
        with open(os.path.join(common, "packed-refs"), encoding="utf-8", errors="surrogateescape") as lines:
            return next((line.split()[0] for line in lines if line.rstrip("\n").endswith(f" {name}")), None)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _first_line(path: str) -> str | None:
    """The file's first line; None when there is no such file."""
    # with the system's calls: each run asks for several, and open() costs three times as much
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        begin = os.read(descriptor, 65536)
    except IsADirectoryError:
        return None
    finally:
        os.close(descriptor)
    return begin.partition(b"\n")[0].decode(errors="surrogateescape")


def _is_name(text: str) -> bool:
    """Whether it is a commit's name: SHA-1 or SHA-256 in hexadecimal digits."""
    return len(text) in (40, 64) and all(character in "0123456789abcdef" for character in text)

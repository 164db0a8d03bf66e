"""Files that this process must not change: what a task made when it ran before.

The kernel sees to it where it lets a process have its own view of file systems; what is protected is read-only there,
for the process and all that it starts, whatever language it is written in. In any case Python's own calls are refused.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Sequence
from typing import Any

_NEW_MOUNTS, _NEW_USERS = 0x00020000, 0x10000000
_READ_ONLY, _REMOUNT, _BIND, _DEEP, _PRIVATE = 1, 32, 4096, 16384, 1 << 18
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {"os.remove": 1, "os.rmdir": 1, "os.truncate": 1, "os.utime": 1, "os.chmod": 1, "os.rename": 2, "os.link": 2,
            "os.symlink": 2, "shutil.rmtree": 1, "shutil.move": 2}  # fmt: skip
"""Audit events of Python, and how many of their first arguments are paths that change."""


def by_kernel(paths: Sequence[str]) -> bool:
    """Makes files and directories read-only for this process and its children; False where the kernel does not let it.

    To be called while the process has one thread, before anything of the user's is imported.
    """
    there = [path for path in paths if os.path.exists(path)]
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_NEW_MOUNTS if user == 0 else _NEW_MOUNTS | _NEW_USERS) != 0:
        return False
    if user != 0 and not _map(user, group):
        return False
    if libc.mount(None, b"/", None, _DEEP | _PRIVATE, None) != 0:  # nobody else is to see what follows
        return False
    return all(_fix(libc, path.encode()) for path in there)


def _map(user: int, group: int) -> bool:
    """In the new user namespace everybody stays who they are."""
    try:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    except OSError:
        return False
    return True


def _fix(libc: Any, path: bytes) -> bool:
    if libc.mount(path, path, None, _BIND, None) != 0:
        return False
    fixed: int = libc.mount(None, path, None, _BIND | _REMOUNT | _READ_ONLY, None)
    return fixed == 0


class Refusal:
    """Refuses what Python code does to files, as `sys.addaudithook` lets one."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._files = {os.path.abspath(path) for path in paths}
        self._folders = tuple(os.path.join(path, "") for path in self._files if os.path.isdir(path))
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            writes = isinstance(flags, int) and flags & _WRITES or isinstance(mode, str) and mode.strip("rbt")
            changed: tuple[Any, ...] = (path,) if writes else ()
        elif event in _CHANGES:
            changed = arguments[: _CHANGES[event]]
        else:
            return
        for path in changed:
            if self._holds(path):
                raise PermissionError(f"{os.fsdecode(path)} is what an earlier run has made: it is not changed here")

    def _holds(self, path: Any) -> bool:
        if not isinstance(path, (str, bytes, os.PathLike)):
            return False
        place = os.path.abspath(os.fsdecode(path))
        return place in self._files or place.startswith(self._folders)

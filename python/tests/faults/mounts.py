"""Small file systems that fill up, and ones that cannot be written; for root, or root of a user namespace."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path

_INSIDE = "FAULTS_NAMESPACE"
"""Set in a namespace of our own."""


def possible() -> bool:
    """Whether this process may mount."""
    return _INSIDE in os.environ or _namespace() == "-m"


def enter_namespace(words: list[str]) -> None:
    """Becomes `python words…` in a mount namespace of its own, so that mounts vanish with it; returns if it cannot."""
    flags = _namespace()
    if _INSIDE not in os.environ and flags:
        os.environ[_INSIDE] = "1"
        os.execvp("unshare", ["unshare", flags, sys.executable, *words])


@functools.cache
def _namespace() -> str:
    """Which namespaces are to be had: as root one of mounts, else one of users with it, else none."""
    for flags in ("-m",) * (os.geteuid() == 0) + ("-rm",):
        if _call("unshare", flags, "true") == 0:
            return flags
    return ""


def small(place: Path, kilobytes: int) -> None:
    """A file system with so much room; what is in `place` is hidden by it."""
    place.mkdir(parents=True, exist_ok=True)
    _must("mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "martlet-faults", str(place))


def read_only(place: Path) -> None:
    """A file system that takes nothing; what is in `place` is hidden by it."""
    small(place, 64)
    make_read_only(place)


def make_read_only(place: Path) -> None:
    """The file system that is mounted there takes nothing more."""
    _must("mount", "-o", "remount,ro", str(place))


def remove(place: Path) -> None:
    _call("umount", "-l", str(place))


def _call(*command: str) -> int:
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode
    except FileNotFoundError:
        return 127


def _must(*command: str) -> None:
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True, text=True)

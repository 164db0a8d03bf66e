"""Whether the file system under the benchmarks has room for what they make."""

from __future__ import annotations

import os

_FILE = 4096 + 1400
"""Bytes of memory a small file on tmpfs costs: a page, an inode, a directory entry."""
_RESERVE = 2 << 30


def lacking(folder: str, files: int) -> str:
    """What is too little for so many small files, in words; nothing when there is enough."""
    status = os.statvfs(folder)
    free = status.f_bavail * status.f_frsize
    if free < files * _FILE:
        return f"{folder} has {_gigabytes(free)} free, {_gigabytes(files * _FILE)} are needed for {files:,} files"
    if status.f_files and status.f_favail < files * 1.1:
        return f"{folder} has {status.f_favail:,} inodes free, {files:,} files are to be made"
    memory = _available()
    if memory < files * _FILE + _RESERVE:
        return f"{_gigabytes(memory)} of memory are free, {_gigabytes(files * _FILE + _RESERVE)} are needed"
    return ""


def _available() -> int:
    with open("/proc/meminfo") as file:
        for line in file:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return 1 << 62


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"

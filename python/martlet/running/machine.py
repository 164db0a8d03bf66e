"""What this machine has to offer this process: processors and memory, where a container or batch system limits them."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator


def processors(root: str = "/") -> int:
    """Processors that this process may use: its affinity, and the quota of its control groups."""
    count = len(os.sched_getaffinity(0)) or 1
    for group in _groups(root):
        quota, _, period = _text(f"{group}/cpu.max").partition(" ")
        if quota.isdigit() and period.strip().isdigit() and int(period) > 0:
            count = min(count, max(1, math.ceil(int(quota) / int(period))))
    return count


def memory(root: str = "/") -> int:
    """Bytes of memory that this process and its children may use together."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for group in _groups(root):
        limit = _text(f"{group}/memory.max")
        if limit.isdigit():
            total = min(total, int(limit))
    return total


def _groups(root: str) -> Iterator[str]:
    """The control group (version 2) of this process, and those around it: each may set limits."""
    for line in _text(os.path.join(root, "proc/self/cgroup")).splitlines():
        if line.startswith("0::/"):
            top = os.path.join(root, "sys/fs/cgroup")
            names = line[len("0::/") :].strip("/").split("/")
            yield from ("/".join([top, *names[:depth]]) for depth in range(len(names), 0, -1) if names[0])
            yield top


def _text(path: str) -> str:
    # with the system's calls: each run asks, and open() costs several times as much
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # no such limit, or none that may be read
        return ""
    try:
        return os.read(descriptor, 65536).decode("ascii", errors="replace").strip()
    except OSError:
        return ""
    finally:
        os.close(descriptor)

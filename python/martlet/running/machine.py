"""What this machine has to offer this process: processors and memory, where a container or batch system limits them."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path


def processors(root: Path = Path("/")) -> int:
    """Processors that this process may use: its affinity, and the quota of its control groups."""
    count = len(os.sched_getaffinity(0)) or 1
    for group in _groups(root):
        quota, _, period = _text(group / "cpu.max").partition(" ")
        if quota.isdigit() and period.strip().isdigit() and int(period) > 0:
            count = min(count, max(1, math.ceil(int(quota) / int(period))))
    return count


def memory(root: Path = Path("/")) -> int:
    """Bytes of memory that this process and its children may use together."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for group in _groups(root):
        limit = _text(group / "memory.max")
        if limit.isdigit():
            total = min(total, int(limit))
    return total


def _groups(root: Path) -> Iterator[Path]:
    """The control group (version 2) of this process, and those around it: each may set limits."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        if line.startswith("0::/"):
            top = root / "sys/fs/cgroup"
            group = top / line[len("0::/") :]
            while group != top:
                yield group
                group = group.parent
            yield top


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:  # no such limit, or none that may be read
        return ""

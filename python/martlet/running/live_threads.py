"""Threads that live in this process besides the main one: a process forked from it does not have them.

What such a thread held locked stays locked in the fork, and a library that believes its threads to be there waits for
them for ever. Measured with the versions of autumn 2026: OpenBLAS (numpy, scipy), Arrow, jemalloc and the OpenMP of
LLVM and Intel make their threads anew after a fork; the OpenMP of GCC hangs, unless it may use one thread alone, which
is a worker's usual limit (`Shares`).
"""

from __future__ import annotations

import os
import re
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

_SAFE_NAMES = {"jemalloc_bg_thd"}
"""Threads of libraries that prepare for a fork, by the name that the kernel knows them under."""

_UNSAFE_LIBRARIES = ("gomp", "tbb", "grpc", "Imt", "cuda", "polars")
"""Parts of the names of libraries whose threads do not come back after a fork."""


def of_concern() -> str:
    """Who has threads that a fork does without, in words; empty when there is nothing to worry about."""
    if "ipykernel" in sys.modules:
        return ""  # its threads serve the notebook alone
    python = {thread.native_id: thread for thread in threading.enumerate() if thread is not threading.current_thread()}
    found = [f"{_plain(thread.name)} (Python)" for thread in python.values()]
    native = Counter(name for tid, name in _threads() if tid not in python and name not in _SAFE_NAMES)
    unnamed = native.pop(_name(os.getpid()), 0) - _prepared()
    found += [f"{name}" for name, count in native.items() for _ in range(count)]
    if unnamed > 0:
        candidates = ", ".join(sorted(_candidates())) or "a library that does not name them"
        found += [f"perhaps of {candidates}"] * unnamed
    return ", ".join(f"{count} {name}" if count > 1 else name for name, count in Counter(found).items())


def _threads() -> Iterator[tuple[int, str]]:
    for entry in os.listdir("/proc/self/task"):
        if int(entry) not in (os.getpid(), threading.get_native_id()):
            name = _name(int(entry))
            if name:
                yield int(entry), name


def _name(tid: int) -> str:
    try:
        return Path(f"/proc/self/task/{tid}/comm").read_text().strip()
    except OSError:  # it has just ended
        return ""


def _prepared() -> int:
    """How many threads without a name may be of libraries that prepare for a fork."""
    count = 0
    arrow = sys.modules.get("pyarrow")
    if arrow is not None:
        count += arrow.cpu_count() + arrow.io_thread_count()
    if any(re.search("blas|mkl|omp", library) for library in _libraries()):
        from threadpoolctl import threadpool_info  # type: ignore[import-untyped,import-not-found,unused-ignore]

        safe = ("libopenblas", "libscipy_openblas", "libiomp", "libomp")
        count += sum(pool["num_threads"] - 1 for pool in threadpool_info() if pool["prefix"].startswith(safe))
    return count


def _candidates() -> set[str]:
    """Packages whose libraries may keep such threads."""
    return {
        _package(library) for library in _libraries() if any(part in Path(library).name for part in _UNSAFE_LIBRARIES)
    }


def _libraries() -> set[str]:
    maps = Path("/proc/self/maps").read_text(errors="replace")
    return set(re.findall(r"(/\S+\.so[\d.]*)$", maps, re.MULTILINE))


def _package(library: str) -> str:
    """`sklearn` for a library in its wheel, the file's name for one of the system."""
    _, found, inside = library.rpartition("/site-packages/")
    return inside.split("/")[0].removesuffix(".libs") if found else Path(library).name


def _plain(name: str) -> str:
    """The name of a Python thread without its number."""
    return re.sub(r"[-_]\d+", "", name)

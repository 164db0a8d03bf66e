"""How many threads numerical libraries use that are loaded already: environment variables come too late for them."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

_POOLS = rb"/lib[^/\n]*(?:blas|blis|mkl|omp|gomp)[^/\n]*\.so"
"""Files of the libraries that threadpoolctl knows to control."""

_MODULES = (("pyarrow", "cpu_count", "set_cpu_count"), ("numexpr", "get_num_threads", "set_num_threads"))
"""Modules with a pool of their own: what tells its size, and what sets it."""


class ThreadLimits:
    """The limit that this process is under; no cost as long as it stays the same."""

    def __init__(self) -> None:
        self._limit = 0
        self._usual: dict[str, int] = {}
        """Threads that each library used before it was limited."""

    def set(self, threads: int) -> None:
        """Lets every library that is loaded use so many threads; 0: as many as before.

        Libraries that are loaded later go by the environment.
        """
        if threads == self._limit:
            return
        self._limit = threads
        for name, getter, setter in _MODULES:
            module = sys.modules.get(name)
            if hasattr(module, getter) and hasattr(module, setter):
                self._set(name, getattr(module, getter)(), getattr(module, setter))
        if re.search(_POOLS, Path("/proc/self/maps").read_bytes()):
            self._set_pools()

    def _set_pools(self) -> None:
        # 10 ms, which only processes with such libraries pay
        from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped,import-not-found,unused-ignore]

        for library in ThreadpoolController().lib_controllers:
            self._set(library.filepath, library.num_threads, library.set_num_threads)

    def _set(self, name: str, now: int, setter: Any) -> None:
        usual = self._usual.setdefault(name, now)
        wanted = self._limit or usual
        if wanted != now:
            setter(wanted)

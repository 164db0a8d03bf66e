"""The garbage collector during a run."""

from __future__ import annotations

import gc
from types import TracebackType


class Collector:
    """Keeps the collector from looking at planned tasks again and again: they stay until the run has ended.

    As a context manager it puts back what it changed, unless somebody else had objects frozen before.
    """

    def __enter__(self) -> Collector:
        self._ours = gc.get_freeze_count() == 0
        return self

    def settle(self) -> None:
        """What exists now is left alone from here on."""
        if self._ours and gc.isenabled():
            gc.freeze()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._ours:
            gc.unfreeze()

"""The garbage collector during a run."""

from __future__ import annotations

import gc
from types import TracebackType


class Collector:
    """Keeps the collector from looking at planned tasks again and again: they stay until the run has ended.

    As a context manager it puts back what it changed, unless somebody else had objects frozen before.
    """

    tidies = False
    """Tasks run here between two calls of `settle`: what they leave behind is to go, not to stay."""

    def __enter__(self) -> Collector:
        self._ours = gc.get_freeze_count() == 0
        return self

    def settle(self) -> None:
        """What exists now is left alone from here on."""
        if self._ours and gc.isenabled():
            if self.tidies:
                gc.collect()  # looks at what is new since the last call: all else is left alone already
            gc.freeze()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._ours:
            gc.unfreeze()

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
    _rests = False
    _passes = (0, 0)

    def __enter__(self) -> Collector:
        self._ours = gc.get_freeze_count() == 0
        return self

    def rest(self) -> None:
        """Until `settle` or `wake`, which has to come soon, all that is made is nearly all there to stay."""
        if self._ours and gc.isenabled():
            gc.disable()
            self._rests = True

    def wake(self) -> None:
        """What is made from here on may be of no use soon."""
        if self._rests:
            self._rests = False
            gc.enable()

    def settle(self) -> None:
        """What exists now is left alone from here on."""
        if self._ours and (self._rests or gc.isenabled()):
            if self.tidies:
                # all that is new since the last call is young still, unless there was a pass in between; what is older
                # is left alone already
                gc.collect(0 if gc.get_count()[1:] == self._passes else 2)
            gc.freeze()
            self._passes = gc.get_count()[1:]
        self.wake()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wake()
        if self._ours:
            gc.unfreeze()

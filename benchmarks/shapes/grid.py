"""An analysis with systematic variations, as a ttH search has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from . import Key

_FILES = 600
_MERGES = 40
_HISTOGRAMS = 10


class Grid:
    """`size` variations of 1,250 files in four layers, and a fit that needs the histograms of all of them.

    A variation: 600 selections, a reconstruction of each, 40 merges of 15, 10 histograms of 4 merges. Forty variations
    are 50,000 files.
    """

    root = ("fit", "all", 0)

    def __init__(self, size: int) -> None:
        self.systematics = [f"shift_{i:02}" for i in range(size)]
        self.count = size * (2 * _FILES + _MERGES + _HISTOGRAMS) + 1

    def needs(self, stage: str, systematic: str, number: int) -> Sequence[Key]:
        if stage == "selection":
            return ()
        if stage == "reconstruction":
            return [("selection", systematic, number)]
        if stage == "merge":
            each = _FILES // _MERGES
            return [("reconstruction", systematic, i) for i in range(number * each, (number + 1) * each)]
        if stage == "histogram":
            each = _MERGES // _HISTOGRAMS
            return [("merge", systematic, i) for i in range(number * each, (number + 1) * each)]
        return [("histogram", one, i) for one in self.systematics for i in range(_HISTOGRAMS)]

    def tasks(self) -> Iterator[Key]:
        layers = (("selection", _FILES), ("reconstruction", _FILES), ("merge", _MERGES), ("histogram", _HISTOGRAMS))
        for systematic in self.systematics:
            for stage, count in layers:
                for number in range(count):
                    yield stage, systematic, number
        yield self.root

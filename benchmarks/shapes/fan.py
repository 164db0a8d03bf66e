"""One task that needs N others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from . import Key


class Fan:
    """`size` files and one more that needs them all."""

    root = ("all", "nominal", 0)

    def __init__(self, size: int) -> None:
        self.size = size
        self.count = size + 1

    def needs(self, stage: str, systematic: str, number: int) -> Sequence[Key]:
        return [("file", "nominal", i) for i in range(self.size)] if stage == "all" else ()

    def tasks(self) -> Iterator[Key]:
        yield from self.needs(*self.root)
        yield self.root

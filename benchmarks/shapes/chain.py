"""Tasks one after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from . import Key


class Chain:
    """`size` files, each made from the one before."""

    def __init__(self, size: int) -> None:
        self.root = ("link", "nominal", size - 1)
        self.count = size

    def needs(self, stage: str, systematic: str, number: int) -> Sequence[Key]:
        return [(stage, systematic, number - 1)] if number else ()

    def tasks(self) -> Iterator[Key]:
        for number in range(self.count):
            yield "link", "nominal", number

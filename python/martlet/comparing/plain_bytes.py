"""Any file, byte for byte."""

from __future__ import annotations

import os

LEAVES_OUT = "nothing"
_BLOCK = 1 << 20


def difference(first: str, second: str) -> str | None:
    """The first byte that differs, for text the line too."""
    position = line = 0
    with open(first, "rb") as one, open(second, "rb") as other:
        while True:
            here, there = one.read(_BLOCK), other.read(_BLOCK)
            if here == there:
                if not here:
                    return None
                position += len(here)
                line += here.count(b"\n")
                continue
            same = next(
                (i for i, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), min(len(here), len(there))
            )
            before = here[:same]
            sizes = os.path.getsize(first), os.path.getsize(second)
            size = f" ({sizes[0]} and {sizes[1]} bytes)" if sizes[0] != sizes[1] else ""
            if b"\0" in here[:4096]:
                return f"byte {position + same}{size}"
            return f"line {line + before.count(bytes([10])) + 1}: {_line(here, same)} and {_line(there, same)}{size}"


def _line(block: bytes, position: int) -> str:
    """The line around a position, short, as it can be printed."""
    begin = block.rfind(b"\n", 0, position) + 1
    end = block.find(b"\n", position)
    text = block[begin : end if end >= 0 else len(block)]
    shown = max(0, position - begin - 30)
    cut = text[shown : shown + 60]
    return ("…" if shown else "") + repr(cut.decode("utf-8", "replace")) + ("…" if len(text) > shown + 60 else "")

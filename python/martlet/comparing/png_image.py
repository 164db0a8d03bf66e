"""PNG: size, kind and pixels, without the chunks that tell dates and programs."""

from __future__ import annotations

import struct
import zlib

LEAVES_OUT = "dates, texts and how it is compressed"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_REMARKS = frozenset((b"tIME", b"tEXt", b"zTXt", b"iTXt", b"eXIf"))


def difference(first: str, second: str) -> str | None:
    here, there = _content(first), _content(second)
    if here.keys() != there.keys():
        names = sorted(name.decode("ascii", "replace") for name in here.keys() ^ there.keys())
        return f"only one has the chunks {', '.join(names)}"
    for name, data in here.items():
        if data != there[name]:
            return _told(name, data, there[name])
    return None


def _told(name: bytes, first: bytes, second: bytes) -> str:
    if name == b"IHDR":
        sizes = ["{}x{}".format(*struct.unpack(">II", head[:8])) for head in (first, second)]
        return f"width and height are {sizes[0]} and {sizes[1]}" if sizes[0] != sizes[1] else "the kind of pixels"
    if name == b"IDAT":
        unlike = sum(a != b for a, b in zip(first, second, strict=False))
        return f"pixels: {unlike} of {len(first)} bytes differ"
    return f"the chunk {name.decode('ascii', 'replace')}"


def _content(path: str) -> dict[bytes, bytes]:
    """Chunks by name, those of one name joined; pixels as they are before compression."""
    chunks: dict[bytes, bytes] = {}
    with open(path, "rb") as file:
        if file.read(8) != _SIGNATURE:
            raise ValueError("no PNG")
        while head := file.read(8):
            length, name = struct.unpack(">I4s", head)
            data = file.read(length)
            file.read(4)
            if name not in _REMARKS:
                chunks[name] = chunks.get(name, b"") + data
    if b"IDAT" in chunks:
        chunks[b"IDAT"] = zlib.decompress(chunks[b"IDAT"])
    return chunks

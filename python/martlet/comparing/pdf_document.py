"""PDF: all but the dates, the identifier and the program that wrote it."""

from __future__ import annotations

import re

from . import plain_bytes

LEAVES_OUT = "dates, identifiers and the program's name"
_DATE = re.compile(rb"/(CreationDate|ModDate)\s*\((?:[^()\\]|\\.)*\)", re.DOTALL)
_PROGRAM = re.compile(rb"/(Producer|Creator)\s*\((?:[^()\\]|\\.)*\)", re.DOTALL)
_IDENTIFIER = re.compile(rb"/ID\s*\[\s*<[0-9A-Fa-f\s]*>\s*<[0-9A-Fa-f\s]*>\s*\]")
_XMP = re.compile(
    rb"<(xmp:(?:CreateDate|ModifyDate|MetadataDate)|xmpMM:(?:DocumentID|InstanceID)|pdf:Producer)>.*?</\1>", re.DOTALL
)
_OFFSETS = re.compile(rb"(?m)^\d{10} \d{5} [nf]\s*$|startxref\s+\d+")
"""Where objects begin: it moves with the length of what is left out."""


def difference(first: str, second: str) -> str | None:
    with open(first, "rb") as one, open(second, "rb") as other:
        here, there = _kept(one.read()), _kept(other.read())
    if here == there:
        return None
    same = next((i for i, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), min(len(here), len(there)))
    objects = here[:same].count(b" obj")
    return f"object {objects} of the document" if objects else plain_bytes.difference(first, second)


def _kept(data: bytes) -> bytes:
    for pattern in (_DATE, _PROGRAM, _IDENTIFIER, _XMP, _OFFSETS):
        data = pattern.sub(b"", data)
    return data

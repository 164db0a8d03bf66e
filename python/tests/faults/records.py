"""Segments as the format's description has them, read and made without the code under test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_TABLE = []
for _n in range(256):
    for _ in range(8):
        _n = _n >> 1 ^ (0x82F63B78 if _n & 1 else 0)
    _TABLE.append(_n)


def _crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def read(segment: Path) -> list[dict[str, Any]]:
    """The records that are whole and unchanged."""
    found = []
    for line in segment.read_bytes().split(b"\n"):
        body, mark, tail = line.rpartition(b',"crc":"')
        if mark and tail == b'%08x"}' % _crc32c(body):
            record = json.loads(line)
            if "n" in record:
                found.append(record)
    return found


def header(kind: str, version: int) -> bytes:
    """The first line of a segment of another format version."""
    body = b'{"martlet":"%s","version":%d,"segment":"from-elsewhere"' % (kind.encode(), version)
    return body + b',"crc":"%08x"}\n' % _crc32c(body)

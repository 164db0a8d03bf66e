"""What a courier and its client say to each other: a JSON object, and bytes that belong to it.

On the socket, little-endian: length u32 of all that follows, length u32 of the object, the object in UTF-8, the bytes:
`CourierFrame` in MartletStorage.
"""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

LONGEST = 1 << 30
"""Bytes a frame may have."""
_LENGTH = struct.Struct("<I")
_HEAD = struct.Struct("<II")


class Malformed(ValueError):
    """This is no frame."""


def receive(connection: socket.socket) -> tuple[dict[str, Any], bytes] | None:
    """The next frame; None when the other end has hung up. Raises Malformed."""
    head = _exactly(connection, _HEAD.size)
    if head is None:
        return None
    length, size = _HEAD.unpack(head)
    if length > LONGEST or size + _LENGTH.size > length:
        raise Malformed(f"a frame of {length} bytes with an object of {size}")
    rest = _exactly(connection, length - _LENGTH.size)
    if rest is None:
        return None
    header = json.loads(rest[:size])
    if not isinstance(header, dict):
        raise Malformed("a frame without an object")
    return header, rest[size:]


def send(connection: socket.socket, header: dict[str, Any], content: bytes = b"") -> None:
    """Sends a frame, waiting where it must."""
    text = json.dumps(header, ensure_ascii=False).encode("utf-8", "backslashreplace")
    length = _LENGTH.size + len(text) + len(content)
    if length > LONGEST:
        raise Malformed(f"{length} bytes are too many at once")
    connection.sendall(_HEAD.pack(length, len(text)) + text + content)


def _exactly(connection: socket.socket, count: int) -> bytes | None:
    pieces = []
    while count:
        piece = connection.recv(min(count, 1 << 20))
        if not piece:
            return None
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)

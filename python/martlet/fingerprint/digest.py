"""The digest under fingerprints."""

from __future__ import annotations

import sys


def sha256(content: bytes) -> str:
    """64 hexadecimal digits. The interpreter's own implementation where there is one: loading OpenSSL costs 3 ms."""
    try:
        if sys.version_info >= (3, 12):
            from _sha2 import sha256 as digest  # type: ignore[import-not-found]
        else:
            from _sha256 import sha256 as digest  # type: ignore[import-not-found]
    except ImportError:
        from hashlib import sha256 as digest
    return str(digest(content).hexdigest())


def short(text: str) -> str:
    """The first 16 digits of a text's digest."""
    return sha256(text.encode("utf-8", "surrogatepass"))[:16]

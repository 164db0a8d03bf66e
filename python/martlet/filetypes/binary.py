"""Bytes as they are."""

from __future__ import annotations

from typing import Any

from .base import UnfitContent


def load(path: str) -> bytes:
    """All bytes of the file."""
    with open(path, "rb") as file:
        return file.read()


def dump(obj: Any, path: str) -> None:
    """Writes bytes, or what can be seen as bytes."""
    if isinstance(obj, str):
        raise UnfitContent("a file of bytes does not hold str: encode it")
    with open(path, "wb") as file:
        file.write(obj)

"""Text, in UTF-8 unless told otherwise."""

from __future__ import annotations

from typing import Any

from .base import UnfitContent


def load(path: str, encoding: str = "utf-8", errors: str = "strict") -> str:
    """The whole text; ends of lines stay as they are."""
    with open(path, encoding=encoding, errors=errors, newline="") as file:
        return file.read()


def dump(obj: Any, path: str, encoding: str = "utf-8", errors: str = "strict") -> None:
    """Writes a text as it is."""
    if not isinstance(obj, str):
        raise UnfitContent(f"a text file holds str, not {type(obj).__name__}")
    with open(path, "w", encoding=encoding, errors=errors, newline="") as file:
        file.write(obj)

"""YAML: the plain kinds of values alone, since the rest of YAML can run code."""

from __future__ import annotations

from typing import Any

from .base import package

_FILES = "YAML files"
_BREAKS = "\x85\u2028\u2029"
"""Ends of lines to YAML, which PyYAML reads as other ones than it writes."""


def load(path: str) -> Any:
    """What the file holds."""
    yaml = package("yaml", _FILES, "PyYAML")
    with open(path, encoding="utf-8", newline="") as file:
        return yaml.safe_load(file)


def dump(obj: Any, path: str, **options: Any) -> None:
    """Writes lists, dicts, texts, numbers, dates, True, False and None. `options`: those of yaml.safe_dump."""
    yaml = package("yaml", _FILES, "PyYAML")
    options = {"sort_keys": False, "allow_unicode": True, **options}
    text = yaml.safe_dump(obj, **options)
    if any(character in text for character in _BREAKS):
        text = yaml.safe_dump(obj, **{**options, "allow_unicode": False})
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)

"""JSON in UTF-8."""

from __future__ import annotations

import json
from typing import Any


def load(path: str, **options: Any) -> Any:
    """What the file holds. `options`: those of json.load."""
    with open(path, encoding="utf-8") as file:
        return json.load(file, **options)


def dump(obj: Any, path: str, **options: Any) -> None:
    """Writes lists, dicts, texts, numbers, True, False and None. `options`: those of json.dump."""
    options.setdefault("ensure_ascii", False)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(obj, file, **options)
        file.write("\n")

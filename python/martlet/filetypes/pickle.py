"""Pickles. To load one runs what it says: only those of people you trust."""

from __future__ import annotations

import pickle
from typing import Any


def load(path: str, **options: Any) -> Any:
    """The object. `options`: those of pickle.load."""
    with open(path, "rb") as file:
        return pickle.load(file, **options)


def dump(obj: Any, path: str, **options: Any) -> None:
    """Writes any object that can be pickled. `options`: those of pickle.dump."""
    with open(path, "wb") as file:
        pickle.dump(obj, file, **options)

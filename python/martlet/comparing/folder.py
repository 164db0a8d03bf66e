"""Directories, file by file."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import Comparison


def is_folder(path: str) -> bool:
    return os.path.isdir(path)


def compare(first: str, second: str, file: Callable[[str, str], Comparison]) -> Comparison:
    """Compares what is in them by relative path; `file` compares two files."""
    from . import Comparison

    if not (is_folder(first) and is_folder(second)):
        return Comparison("different", "one is a directory, the other a file")
    here, there = _files(first), _files(second)
    for name in sorted(here ^ there):
        return Comparison("different", f"{name} is only in {'the first' if name in here else 'the second'}")
    left_out: dict[str, None] = {}
    for name in sorted(here):
        found = file(os.path.join(first, name), os.path.join(second, name))
        if found.finding == "different":
            return Comparison("different", f"{name}: {found.detail}")
        if found.detail:
            left_out[found.detail] = None
    return Comparison("same but", ", ".join(left_out)) if left_out else Comparison("same")


def _files(folder: str) -> set[str]:
    return {
        os.path.relpath(os.path.join(place, name), folder) for place, _, names in os.walk(folder) for name in names
    }

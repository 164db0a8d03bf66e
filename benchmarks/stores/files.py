"""The files that are asked for: a hundred directories of them, with a gap here and there."""

from __future__ import annotations

from pathlib import Path

DIRECTORIES = 100
_GAP = 100
"""Of so many files one is not there."""


def wanted(url: str, files: int) -> dict[str, list[str]]:
    """Names by the URL of their directory."""
    each = range(files // DIRECTORIES)
    return {f"{url}/sample-{d:03}": [f"events-{n:05}.root" for n in each] for d in range(DIRECTORIES)}


def lay_out(folder: Path, files: int) -> None:
    """Makes those that are there, empty."""
    for number, (directory, names) in enumerate(wanted(str(folder), files).items()):
        Path(directory).mkdir()
        for place, name in enumerate(names):
            if _is_there(number, place):
                Path(directory, name).touch()


def present(files: int) -> int:
    """How many of so many are there."""
    each = range(files // DIRECTORIES)
    return sum(_is_there(number, place) for number in range(DIRECTORIES) for place in each)


def _is_there(number: int, place: int) -> bool:
    return (number + place) % _GAP != 0

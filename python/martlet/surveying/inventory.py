"""Which of many files are there, how large they are and since when: directories are listed, not files asked for."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping

from .. import storage
from ..data import Data
from ..storage import FileStatus, Kind, StorageError
from ..targets import location as locations

MANY = 4
"""So many files of one directory in a store are looked at by a listing of it."""


class Finding(Data):
    """What was found at one place."""

    status: FileStatus | None = None
    """None where nothing is, or that could not be found out."""
    trouble: str = ""
    """Why it could not be found out."""


ABSENT = Finding()


def take(places: Iterable[str]) -> dict[str, Finding]:
    """Looks at all places, those in stores many at a time."""
    wanted = list(dict.fromkeys(places))
    found = {place: _local(place) for place in wanted if not locations.is_remote(place)}
    remote = [place for place in wanted if locations.is_remote(place)]
    if remote:
        found.update(_remote(remote))
    return found


def _local(place: str) -> Finding:
    try:
        status = os.stat(locations.without_file(place))
    except (FileNotFoundError, NotADirectoryError):
        return ABSENT
    except (OSError, ValueError) as error:
        return Finding(None, getattr(error, "strerror", None) or str(error))
    return Finding(FileStatus(status.st_size, status.st_mtime_ns, stat.S_ISDIR(status.st_mode)))


def _remote(places: list[str]) -> dict[str, Finding]:
    by_directory: dict[str, list[str]] = {}
    for place in places:
        by_directory.setdefault(locations.parent(place), []).append(place)
    crowded = [directory for directory, inside in by_directory.items() if len(inside) >= MANY]
    found: dict[str, Finding] = {}
    for directory, answer in zip(crowded, storage.list_directories(crowded)):
        found.update(_listed(by_directory[directory], answer))
    rest = [place for place in places if place not in found]
    for place, status in zip(rest, storage.stat(rest)):
        found[place] = _finding(status)
    return found


def _listed(
    places: list[str], answer: list[storage.DirectoryEntry] | StorageError
) -> Mapping[str, Finding]:
    """What a listing says of places in it; what it does not tell of is left out."""
    if isinstance(answer, StorageError):
        return {place: _finding(answer) for place in places}
    entries = {entry.name: entry for entry in answer}
    told = {}
    for place in places:
        entry = entries.get(locations.name(place))
        if entry is None:
            told[place] = ABSENT
        elif entry.size is not None and entry.modified is not None:
            told[place] = Finding(FileStatus(entry.size, entry.modified, entry.is_directory))
    return told


def _finding(answer: FileStatus | StorageError) -> Finding:
    if not isinstance(answer, StorageError):
        return Finding(answer)
    return ABSENT if answer.kind is Kind.ABSENT else Finding(None, str(answer))

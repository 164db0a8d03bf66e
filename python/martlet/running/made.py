"""What a task has made, looked at after it ran: local files and remote ones."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ..targets.base import Target
from .describer import Outputs

if TYPE_CHECKING:
    from ..storage import FileStatus

VISIBLE_WITHIN = 90.0
"""Seconds after which a store must show what this process has committed to it."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 8.0
_MANY = 16
"""So many files of one directory are looked at by a listing of it."""


def look(targets: Sequence[Target]) -> tuple[Outputs, str]:
    """Outputs that are there, as reports name them, and the first one that is not; empty if there is none.

    Raises where that cannot be found out: StorageError, OSError.
    """
    remote = _look_at_remote(targets)
    made: list[tuple[str, int, int]] = []
    absent = ""
    for target in targets:
        locations = target.bulk_locations()
        if locations is None:
            there = target.exists()
        else:
            found = [_status(location, remote) for location in locations]
            made += [status for status in found if status is not None]
            there = target.is_there([status is not None for status in found])
        if not there and not absent:
            absent = _shown(target, locations)
    return made, absent


def _status(location: str, remote: Mapping[str, FileStatus | None]) -> tuple[str, int, int] | None:
    path = location.removeprefix("file://")
    if location in remote:
        status = remote[location]
        return None if status is None else (_without_credentials(location), status.size, status.modified)
    try:
        local = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return path, local.st_size, local.st_mtime_ns


def _look_at_remote(targets: Sequence[Target]) -> dict[str, FileStatus | None]:
    """All remote files that the outputs depend on, in one go; None where nothing is."""
    wanted = list(
        dict.fromkeys(
            location
            for target in targets
            for location in target.bulk_locations() or ()
            if "://" in location and not location.startswith("file://")
        )
    )
    if not wanted:
        return {}
    from ..storage import recent  # for those who have remote stores

    found = _ask(wanted)
    until = time.monotonic() + VISIBLE_WITHIN
    for pause in _pauses():
        late = [location for location in wanted if found[location] is None and recent.is_committed(location)]
        # a store may show a little later what it has taken; what nobody wrote is absent at once
        if not late or time.monotonic() + pause > until:
            break
        time.sleep(pause)
        found.update(_ask(late))
    return found


def _ask(locations: Sequence[str]) -> dict[str, FileStatus | None]:
    from .. import storage  # for those who have remote stores

    found: dict[str, FileStatus | None] = {}
    listed = _listed(locations)
    found.update(listed)
    locations = [location for location in locations if location not in listed]
    for location, answer in zip(locations, storage.stat(locations)):
        if isinstance(answer, storage.StorageError):
            if answer.kind is not storage.Kind.ABSENT:
                raise answer
            found[location] = None
        else:
            found[location] = answer
    return found


def _listed(locations: Sequence[str]) -> dict[str, FileStatus]:
    """Those that are seen, with size and time, in listings of directories in which many of them are."""
    from .. import storage
    from ..targets import location

    by_directory: dict[str, list[str]] = {}
    for place in locations:
        by_directory.setdefault(location.parent(place), []).append(place)
    crowded = [directory for directory, places in by_directory.items() if len(places) >= _MANY]
    found = {}
    for directory, answer in zip(crowded, storage.list_directories(crowded)):
        # what a listing does not tell is asked one by one; so is all of a directory that cannot be listed
        entries = {} if isinstance(answer, storage.StorageError) else {entry.name: entry for entry in answer}
        for place in by_directory[directory]:
            entry = entries.get(location.name(place))
            if entry is not None and entry.size is not None and entry.modified is not None:
                found[place] = storage.FileStatus(entry.size, entry.modified, entry.is_directory)
    return found


def _pauses() -> Iterator[float]:
    pause = _FIRST_PAUSE
    while True:
        yield pause
        pause = min(2 * pause, _LONGEST_PAUSE)


def _shown(target: Target, locations: Sequence[str] | None) -> str:
    return _without_credentials(locations[0]) if locations is not None and len(locations) == 1 else str(target)


def _without_credentials(location: str) -> str:
    from .. import _bridge  # for those who have remote stores

    return _bridge.without_credentials(location) if "://" in location else location

"""What is being written, or was by a writer that is gone: temporary files by their names, uploads that nobody sees."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from typing import Any

from .. import storage
from ..storage.values import UnfinishedUpload
from ..targets import location as locations

ABANDONED = 24 * 3600 * 10**9
"""Nanoseconds. What was written to last so long ago has no writer any more."""
_NAMES = (
    re.compile(r"\.(?P<stem>.+)\.tmp-[0-9a-f]{12}-\d+(?P<suffix>\..+)?"),  # `martlet.targets.temporary`
    re.compile(r"\.(?P<stem>.+)\.martlet-[^/]+-\d+-[0-9a-f]{12}\.tmp(?P<suffix>)"),  # the engine's `File`
)
_CUT = 250
"""Bytes of a temporary name that may lack the end of what it is to be: file systems take 255."""


def is_temporary(name: str) -> bool:
    """Whether a file of this name is one that is being written."""
    return _parts(name) is not None


def becomes_one_of(directory: str, name: str, places: set[str]) -> bool:
    """Whether a file is a temporary one of these places: `.3.tmp-0123456789ab-0.txt` is to be `3.txt`."""
    parts = _parts(name)
    if parts is None or not places:
        return False
    if len(name.encode(errors="surrogateescape")) >= _CUT:
        beginning = locations.join(directory, parts[0])
        return any(place.startswith(beginning) for place in places)
    return locations.join(directory, "".join(parts)) in places


def uploads(
    directories: Sequence[str], untold: dict[str, str], unreachable: dict[str, str]
) -> Iterator[UnfinishedUpload]:
    """Those into directories of stores. `untold` gets the directories whose store does not let us know, and why."""
    remote = [directory for directory in directories if locations.is_remote(directory)]
    for directory, answer in zip(remote, storage.unfinished(remote)):
        if not isinstance(answer, storage.StorageError):
            yield from answer
        elif answer.kind in (storage.Kind.DENIED, storage.Kind.UNSUPPORTED):
            untold[locations.shown(directory)] = str(answer)
        elif answer.kind is not storage.Kind.ABSENT:
            unreachable.setdefault(locations.shown(directory), str(answer))


def words(upload: UnfinishedUpload) -> str:
    """What an abandoned upload is called."""
    day = time.strftime("%Y-%m-%d %H:%M", time.localtime(upload.modified / 10**9))
    return f"an upload that never ended, written to last on {day}"


def _parts(name: str) -> tuple[Any, ...] | None:
    for pattern in _NAMES:
        if found := pattern.fullmatch(name):
            return found["stem"], found["suffix"] or ""
    return None

"""What was found out of workflows in this process: once a workflow and run, however often it is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..targets import location
from .branch_map import BranchMap

if TYPE_CHECKING:
    from .merged import Merged

Key = tuple[type[Any], tuple[Any, ...]]
"""A class of tasks, and the values of the parameters that those which share what was found out have the same."""

Stamp = tuple[tuple[int, int, int], ...]
"""Of each file its number, its size and the time of its last change in nanoseconds."""

_maps: dict[Key, tuple[BranchMap, Sequence[str], Stamp]] = {}
"""Maps, with the local files that late ones are read from, and what those were."""
_merged: dict[Key, Merged] = {}
_told: dict[Key, dict[int, Any]] = {}
"""By number, what branches are about of which this process was told."""


def key_of(task: Any, own: Collection[str], cls: Any = None) -> Key:
    """The key of a task whose other parameters than its `own` are shared. `cls`: in place of the task's class."""
    values = tuple([value for name, value in zip(task._names, task._values) if name not in own])
    try:
        hash(values)
    except TypeError:  # of a parameter whose values cannot be hashed
        texts = task.to_str_params()
        values = tuple([texts.get(name) for name in task._names if name not in own])
    return type(task) if cls is None else cls, values


def map_of(key: Key, make: Callable[[], Any], read_from: Callable[[], Sequence[Any]] | None = None) -> BranchMap:
    """The map of a workflow. Raises what `make`, its `create_branch_map()`, does.

    :param read_from: gives the targets that a late map is read from; when one of them, a local file, has been written
        anew, so is the map: a task of the same run may have done it, with this process still holding what was before.
    """
    known = _maps.get(key)
    if known is not None and (not known[1] or _stamp(known[1]) == known[2]):
        return known[0]
    places = () if read_from is None else [place for target in read_from() if (place := _local(target)) is not None]
    stamp = _stamp(places)
    made = BranchMap(make())
    _maps[key] = made, places, stamp
    return made


def knows(key: Key) -> bool:
    """Whether the map was made in this run."""
    return key in _maps


def _local(target: Any) -> str | None:
    place = target.bulk_location()
    return None if place is None or location.is_remote(place) else str(location.without_file(place))


def _stamp(places: Sequence[str]) -> Stamp:
    found = []
    for place in places:
        try:
            status = os.stat(place)
            found.append((status.st_ino, status.st_size, status.st_mtime_ns))
        except OSError:  # create_branch_map() says what is wrong with it
            found.append((0, 0, 0))
    return tuple(found)


def merged_of(key: Key, make: Callable[[], Merged]) -> Merged:
    """What a cascade merges. Raises what `make` does."""
    known = _merged.get(key)
    if known is None:
        known = _merged[key] = make()
    return known


def tell(key: Key, number: int, data: Any) -> None:
    """Has one branch of a workflow be about this in this process, whatever the map says."""
    _told.setdefault(key, {})[number] = data


def told(key: Key) -> Mapping[int, Any]:
    """What was told of the branches of a workflow."""
    return _told.get(key, {})


def forget() -> None:
    """Has all found out anew when it is asked for next: a run begins, and the world may have changed."""
    _maps.clear()
    _merged.clear()

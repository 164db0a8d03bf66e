"""Which of many targets are there: one pass over all of them, not one question each."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from . import location


def presence(targets: Sequence[Any]) -> list[bool]:
    """Whether each is there. Raises where that cannot be found out of one of them.

    Locations in stores are looked at all at once; targets that have an exists() of their own are asked.
    """
    asked = [target.bulk_locations() for target in targets]
    wanted = {place for places in asked for place in places or ()}
    there = {place: _is_there(place) for place in wanted if not location.is_remote(place)}
    remote = [place for place in wanted if place not in there]
    if remote:
        from .remote import RemoteTarget  # not needed where all is local

        there.update(zip(remote, RemoteTarget.fs.exist(remote)))
    return [
        bool(target.exists()) if places is None else bool(target.is_there([there[place] for place in places]))
        for target, places in zip(targets, asked)
    ]


def _is_there(path: str) -> bool:
    try:
        os.stat(location.without_file(path))
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True

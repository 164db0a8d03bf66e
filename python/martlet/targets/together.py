"""Whether many targets are there, with one question to each store."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

from .base import Target


def all_exist(targets: Iterable[Any]) -> bool:
    """Whether each exists(). Raises where that cannot be found out: unreachable is not absent."""
    targets = list(targets)
    # luigi takes for a target whatever has an exists()
    groups = [target.bulk_locations() if isinstance(target, Target) else None for target in targets]
    remote = [location for group in groups for location in group or () if "://" in location]
    if len(remote) < 2:
        return all(target.exists() for target in targets)
    from ..storage import look, value  # for those who have remote stores

    found = {location: value(there) for location, there in zip(remote, look(remote))}
    return all(_is_there(target, group, found) for target, group in zip(targets, groups))


def _is_there(target: Any, group: Sequence[str] | None, found: dict[str, bool]) -> bool:
    if group is None or found.keys().isdisjoint(group):
        return bool(target.exists())
    return bool(target.is_there([found[one] if one in found else os.path.exists(one) for one in group]))

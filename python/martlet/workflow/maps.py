"""Branch maps of this process: made once a workflow and run, however often they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .branch_map import BranchMap

Key = tuple[type[Any], tuple[Any, ...]]
"""A class of workflows, and the values of the parameters that a workflow and its branches have the same."""

_maps: dict[Key, BranchMap] = {}


def map_of(key: Key, make: Callable[[], Any]) -> BranchMap:
    """The map of a workflow. Raises what `make`, its `create_branch_map()`, does."""
    known = _maps.get(key)
    if known is None:
        known = _maps[key] = BranchMap(make())
    return known


def forget() -> None:
    """Has all maps made anew when they are asked for next: a run begins, and the world may have changed."""
    _maps.clear()

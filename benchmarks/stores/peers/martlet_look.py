"""Martlet's storage, as targets and the planner use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from martlet import storage


def look(wanted: Mapping[str, Sequence[str]]) -> int:
    urls = [f"{directory}/{name}" for directory, names in wanted.items() for name in names]
    found = storage.look(urls, planning=1)
    storage.end_couriers()
    return sum(storage.value(one) for one in found)

"""gfal2: a listing of each directory, in threads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import gfal2


def look(wanted: Mapping[str, Sequence[str]]) -> int:
    context = gfal2.creat_context()

    def present(directory: str) -> int:
        return len(set(context.listdir(directory)).intersection(wanted[directory]))

    with ThreadPoolExecutor(16) as pool:
        return sum(pool.map(present, wanted))

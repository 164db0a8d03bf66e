"""gfal2: a stat of each file, in threads."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import gfal2


def look(wanted: Mapping[str, Sequence[str]]) -> int:
    context = gfal2.creat_context()

    def is_there(url: str) -> bool:
        try:
            context.stat(url)
        except gfal2.GError as error:
            if error.code != errno.ENOENT:
                raise
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        return sum(pool.map(is_there, (f"{url}/{name}" for url, names in wanted.items() for name in names)))

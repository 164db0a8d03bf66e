"""fsspec over fsspec-xrootd: listings of all directories, under way together."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import fsspec.asyn
from fsspec_xrootd import XRootDFileSystem


def look(wanted: Mapping[str, Sequence[str]]) -> int:
    system = XRootDFileSystem(urlsplit(next(iter(wanted))).netloc)

    async def all_listed() -> list[list[str]]:
        paths = [urlsplit(directory).path for directory in wanted]
        listed: list[list[str]] = await asyncio.gather(*(system._ls(path, detail=False) for path in paths))
        return listed

    listed = fsspec.asyn.sync(system.loop, all_listed)
    return sum(len(set(names).intersection(wanted[directory])) for directory, names in zip(wanted, listed))

"""fsspec over webdav4: a listing of each directory, in threads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from webdav4.fsspec import WebdavFileSystem


def look(wanted: Mapping[str, Sequence[str]]) -> int:
    first = urlsplit(next(iter(wanted)))
    system = WebdavFileSystem(f"{first.scheme}://{first.netloc}")

    def present(directory: str) -> int:
        paths = system.ls(urlsplit(directory).path.strip("/"), detail=False)
        return len({path.rpartition("/")[2] for path in paths}.intersection(wanted[directory]))

    with ThreadPoolExecutor(16) as pool:
        return sum(pool.map(present, wanted))

"""The servers, each behind a proxy that makes the network as long as it usually is."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from storage.servers import xrootd
from storage.servers.proxy import Proxy
from storage.webdav_server import webdav_server

from . import files

_OPERATIONS = re.compile(r'<stats id="xrootd">.*?<ops>(.*?)</ops>', re.DOTALL)


@dataclass(frozen=True)
class Served:
    """A server that is running, with the files in it."""

    url: str
    requests: Callable[[], int]
    """Requests that it has had."""


@contextmanager
def served(protocol: str, folder: Path, count: int, latency: float) -> Iterator[Served]:
    """`latency` is in seconds, one way."""
    with PROTOCOLS[protocol](folder, count, latency) as server:
        yield server


@contextmanager
def _webdav(folder: Path, count: int, latency: float) -> Iterator[Served]:
    with webdav_server(folder) as server:
        files.lay_out(server.data, count)
        with Proxy(server.port, latency) as proxy:
            url = server.http.replace(f":{server.port}", f":{proxy.port}")
            yield Served(url, lambda: len(server.access_log.read_text().splitlines()))


@contextmanager
def _xrootd(folder: Path, count: int, latency: float) -> Iterator[Served]:
    with xrootd.serving(folder) as servers:
        server = servers["anonymous"]
        files.lay_out(server.data, count)
        with Proxy(server.port, latency) as proxy:
            yield Served(server.through(proxy.port), lambda: _operations(server.port))


def _operations(port: int) -> int:
    """What the server says it has done; asking counts too, but not as one of its operations."""
    question = (
        "from XRootD import client; from XRootD.client.flags import QueryCode; "
        f"print(client.FileSystem('root://localhost:{port}').query(QueryCode.STATS, 'a')[1].decode())"
    )
    said = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True).stdout
    found = _OPERATIONS.search(said)
    if found is None:
        raise ValueError(f"the server's statistics have no operations: {said[:500]}")
    return sum(map(int, re.findall(r">(\d+)<", found.group(1))))


PROTOCOLS = {"webdav": _webdav, "xrootd": _xrootd}

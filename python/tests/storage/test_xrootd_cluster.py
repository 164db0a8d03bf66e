"""XRootD behind a redirector, some of whose servers are gone: what they have is not absent."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from martlet import storage
from martlet.storage import Kind, StorageError, launching
from storage.servers import marks, xrootd_cluster
from storage.servers.xrootd_cluster import Cluster

pytest.importorskip("XRootD", reason="SKIPPED XRootD: its client is missing in this Python")

pytestmark = marks.needs(xrootd_cluster.PROGRAMS, "XRootD")
COUNT = 12


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """Files 0 to 11 in turn on either server."""
    with tempfile.TemporaryDirectory(prefix="martlet-cluster-") as name:
        os.chmod(name, 0o755)
        with xrootd_cluster.cluster(Path(name)) as running:
            for number in range(COUNT):
                running.write(xrootd_cluster.NAMES[number % 2], f"a/{number}", b"x")
            yield running
            storage.end_couriers()
            launching.use_settings([])


def know(cluster: Cluster, **more: object) -> None:
    storage.end_couriers()
    launching.use_settings([{"url": cluster.url, **more}])


def test_what_a_lost_server_has_is_not_absent(cluster: Cluster) -> None:
    urls = [f"{cluster.url}/a/{number}" for number in range(COUNT)]
    know(cluster, timeout=20, retries=4)  # the redirector wants some patience first
    assert storage.look(urls + [f"{cluster.url}/a/none"], planning=1) == [True] * COUNT + [False]
    entries = storage.value(storage.list_directories([f"{cluster.url}/a"])[0])
    assert {entry.name for entry in entries} == {str(number) for number in range(COUNT)}

    cluster.lose("second")
    know(cluster, timeout=3, connect_timeout=3, retries=0)
    for planning in (2, None):
        seen = storage.look(urls, planning=planning)
        assert False not in seen, "unreachable was taken for absent"
        unknown = [one for one in seen if isinstance(one, StorageError)]
        assert {one.kind for one in unknown} == {Kind.TRANSIENT}
    (listed,) = storage.list_directories([f"{cluster.url}/a"])
    assert isinstance(listed, StorageError) and listed.kind is Kind.TRANSIENT, "a listing of half of it was believed"

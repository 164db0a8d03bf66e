"""dask.distributed: a scheduler and two worker processes of this machine, started before the clock."""

from __future__ import annotations

import atexit
from functools import cache
from typing import Any

from distributed import Client, LocalCluster

from ..job import Job
from ..shapes import Key
from .writing import work


@cache
def _client() -> Any:
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    client = Client(cluster)
    atexit.register(cluster.close)
    atexit.register(client.close)
    return client


def _task(files: str, stamped: str, key: Key, needed: Any) -> None:
    work(files, stamped, key)


def run(job: Job) -> None:
    client = _client()
    stamped = job.stamps if job.work == "nothing" else ""
    futures: dict[Key, Any] = {}
    for key in job.shape.tasks():
        needed = [futures[one] for one in job.shape.needs(*key)]
        futures[key] = client.submit(_task, job.files, stamped, key, needed, pure=False)
    futures[job.shape.root].result()
    futures.clear()

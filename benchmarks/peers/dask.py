"""dask.distributed: a scheduler and two workers of this machine, started before the clock and ended within it."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache
from typing import Any

from distributed import Client, LocalCluster

from ..job import Job
from ..shapes import Key
from .writing import work

_processes = ExitStack()


@cache
def _client() -> Any:
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    return _processes.enter_context(Client(_processes.enter_context(cluster)))


def close() -> None:
    """Ends all processes."""
    _processes.close()


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

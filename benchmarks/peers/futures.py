"""concurrent.futures: two processes that are told one path at a time.

It knows no dependencies: one wave of tasks after another.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import partial

from ..job import Job
from ..shapes import waves
from .writing import work


def run(job: Job) -> None:
    with ProcessPoolExecutor(2) as executor:
        for wave in waves(job.shape):
            for _ in executor.map(partial(work, job.files, job.stamps if job.work == "nothing" else ""), wave):
                pass

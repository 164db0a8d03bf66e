"""multiprocessing.Pool: two processes that are told one path at a time.

It knows no dependencies: one wave of tasks after another.
"""

from __future__ import annotations

from functools import partial
from multiprocessing import Pool

from ..job import Job
from ..shapes import waves
from .writing import work


def run(job: Job) -> None:
    with Pool(2) as pool:
        for wave in waves(job.shape):
            pool.map(partial(work, job.files, job.stamps if job.work == "nothing" else ""), wave, chunksize=1)
        pool.close()
        pool.join()

"""The measured process of a peer that is a Python library; its arguments are a job's words."""

from __future__ import annotations

import importlib
import os
import sys
import time
from typing import Any

from .clock import Clock
from .job import Job
from .peers import PEERS


def objects(peer: Any, job: Job, clock: Clock) -> None:
    """Tells the CPU seconds of a new object with four parameters and of one that is known already."""
    node = peer.node(job)
    kept = []
    seconds = []
    for _ in range(2):
        started = time.process_time()
        for number in range(job.size):
            kept.append(node(folder=job.folder, stage="file", systematic="nominal", number=number))
        seconds.append((time.process_time() - started) / job.size)
    clock.tell(new=seconds[0], hit=seconds[1])


def main() -> None:
    job = Job.parse(sys.argv[1:])
    clock = Clock()
    peer = importlib.import_module(PEERS[job.peer].module)
    if job.work == "objects":
        objects(peer, job, clock)
        return
    # start-up is measured apart: what a library loads when it first runs something is loaded before the clock
    first = Job(job.peer, "chain", 1, "fresh", "file", f"{job.folder}/first-{os.getpid()}")
    first.lay_out()
    peer.run(first)
    clock.begins()
    peer.run(job)
    if hasattr(peer, "close"):
        peer.close()
    clock.ends()


if __name__ == "__main__":
    main()

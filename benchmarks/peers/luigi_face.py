"""What was written for luigi, on Martlet: the tasks of luigi's peer with Martlet in luigi's place."""

# ruff: noqa: E402 -- who is luigi is settled before anybody asks for it

from __future__ import annotations

import os

from martlet import luigi_finder

luigi_finder.install()

from ..job import Job
from . import luigi

node = luigi.node


def run(job: Job) -> None:
    os.environ["MARTLET_STATE"] = f"{job.folder}/state"
    luigi.run(job)

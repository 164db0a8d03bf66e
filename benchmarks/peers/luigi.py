"""luigi with its local scheduler and one worker."""

from __future__ import annotations

import os
from typing import Any, ClassVar

from luigi.contrib.external_program import ExternalProgramTask

import luigi

from ..job import CONTENT, Job, fail, path_of
from ..shapes import Shape


class Node(luigi.Task):
    """A task that writes a file."""

    shape: ClassVar[Shape]
    folder = luigi.Parameter()
    stage = luigi.Parameter()
    systematic = luigi.Parameter()
    number = luigi.IntParameter()

    def requires(self) -> Any:
        needed = self.shape.needs(self.stage, self.systematic, self.number)
        return [type(self)(folder=self.folder, stage=s, systematic=y, number=n) for s, y, n in needed]

    def output(self) -> Any:
        return luigi.LocalTarget(path_of(self.folder, self.stage, self.systematic, self.number))

    def run(self) -> None:
        with self.output().open("w") as file:
            file.write(CONTENT)


class Touch(ExternalProgramTask):
    """A task that is a program."""

    shape: ClassVar[Shape]
    folder = luigi.Parameter()
    stage = luigi.Parameter()
    systematic = luigi.Parameter()
    number = luigi.IntParameter()
    requires = Node.requires
    output = Node.output

    def program_args(self) -> list[str]:
        return ["touch", self.output().path]

    def program_environment(self) -> dict[str, str]:
        return dict(os.environ)


class Everything(luigi.WrapperTask):
    """Needs every task of the graph."""

    folder = luigi.Parameter()
    shape: ClassVar[Shape]

    def requires(self) -> Any:
        return [Node(folder=self.folder, stage=s, systematic=y, number=n) for s, y, n in self.shape.tasks()]


def node(job: Job) -> Any:
    """The class of tasks that does what the job says."""
    return Touch if job.work == "touch" else Node


def run(job: Job) -> None:
    cls = node(job)
    cls.shape = Everything.shape = job.shape
    stage, systematic, number = job.shape.root
    root = (
        Everything(folder=job.files)
        if job.everything
        else cls(folder=job.files, stage=stage, systematic=systematic, number=number)
    )
    if not luigi.build([root], local_scheduler=True, workers=1, log_level="ERROR", no_lock=True):
        fail("luigi's run failed")

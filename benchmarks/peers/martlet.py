"""Martlet as a program uses it: `martlet.build`, with its records."""

from __future__ import annotations

from typing import Any, ClassVar

import martlet

from .. import stamps
from ..job import CONTENT, Job, fail, path_of
from ..shapes import Shape


class Place:
    """Where in the graph a task is."""

    shape: ClassVar[Shape]
    folder = martlet.Parameter()
    stage = martlet.Parameter()
    systematic = martlet.Parameter()
    number = martlet.IntParameter()


class Node(Place, martlet.Task):
    """A task that writes a file."""

    def requires(self) -> Any:
        needed = self.shape.needs(self.stage, self.systematic, self.number)
        return [type(self)(folder=self.folder, stage=s, systematic=y, number=n) for s, y, n in needed]

    def output(self) -> Any:
        return martlet.LocalTarget(path_of(self.folder, self.stage, self.systematic, self.number))

    def run(self) -> None:
        with self.output().open("w") as file:
            file.write(CONTENT)


class Nothing(Node):
    """A task that only says when it ran."""

    stamps: ClassVar[str]

    def output(self) -> Any:
        return []

    def run(self) -> None:
        if self.stage == "file":
            stamps.stamp(self.stamps, self.number)


class Everything(martlet.WrapperTask):
    """Needs every task of the graph."""

    folder = martlet.Parameter()
    shape: ClassVar[Shape]

    def requires(self) -> Any:
        return [Node(folder=self.folder, stage=s, systematic=y, number=n) for s, y, n in self.shape.tasks()]


class Touch(Place, martlet.CommandTask):
    """A task that is a program."""

    requires = Node.requires
    output = Node.output

    def command(self) -> Any:
        return ["touch", "{output}"]


def node(job: Job) -> type[martlet.Task]:
    """The class of tasks that does what the job says."""
    return {"touch": Touch, "nothing": Nothing}.get(job.work, Node)


def run(job: Job) -> None:
    cls: Any = node(job)
    cls.shape = Everything.shape = job.shape
    Nothing.stamps = job.stamps
    stage, systematic, number = job.shape.root
    root = (
        Everything(folder=job.files)
        if job.everything
        else cls(folder=job.files, stage=stage, systematic=systematic, number=number)
    )
    workers = 2 if job.peer == "martlet-2" else 1
    # where handing out is measured the plan is made before, as other peers have theirs
    planning = "first" if job.work == "nothing" else None
    if not martlet.build(root, workers=workers, state=f"{job.folder}/state", quiet=True, planning=planning):
        fail("Martlet's run failed")

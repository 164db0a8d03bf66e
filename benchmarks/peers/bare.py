"""The floor: plain classes with the methods of a task and of a target, a cache by values, a loop without a scheduler.

`bare` has tasks and targets; `bare-os` has tasks that know a path, and write with the operating system's own calls.
"""

from __future__ import annotations

import os
import shutil
from typing import ClassVar, TextIO

from ..job import CONTENT, Job, path_of
from ..shapes import Shape


class Target:
    """A file that appears under its name when it is complete."""

    def __init__(self, path: str) -> None:
        self.path = path

    def exists(self) -> bool:
        return os.path.exists(self.path)

    def open(self) -> Writer:
        return Writer(self.path)


class Writer:
    """The file while it is written, under a temporary name."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.temporary = path + ".tmp"
        self.file = open(self.temporary, "w")

    def __enter__(self) -> TextIO:
        return self.file

    def __exit__(self, *exception: object) -> None:
        self.file.close()
        os.replace(self.temporary, self.path)


class Node:
    """A task."""

    shape: ClassVar[Shape]
    _known: ClassVar[dict[tuple[str, str, str, int], Node]] = {}
    folder: str
    stage: str
    systematic: str
    number: int

    def __new__(cls, folder: str, stage: str, systematic: str, number: int) -> Node:
        key = (folder, stage, systematic, number)
        node = cls._known.get(key)
        if node is None:
            node = cls._known[key] = object.__new__(cls)
            node.folder = folder
            node.stage = stage
            node.systematic = systematic
            node.number = number
        return node

    def requires(self) -> list[Node]:
        needed = self.shape.needs(self.stage, self.systematic, self.number)
        return [type(self)(folder=self.folder, stage=s, systematic=y, number=n) for s, y, n in needed]

    def output(self) -> Target:
        return Target(path_of(self.folder, self.stage, self.systematic, self.number))

    def complete(self) -> bool:
        return self.output().exists()

    def run(self) -> None:
        with self.output().open() as file:
            file.write(CONTENT)


class NodeByCalls(Node):
    """The same without a target."""

    def complete(self) -> bool:
        return os.path.exists(path_of(self.folder, self.stage, self.systematic, self.number))

    def run(self) -> None:
        path = path_of(self.folder, self.stage, self.systematic, self.number)
        temporary = path + ".tmp"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        os.write(descriptor, CONTENT.encode())
        os.close(descriptor)
        os.replace(temporary, path)


class Touching(Node):
    """A task that is a program."""

    program = shutil.which("touch") or "touch"

    def run(self) -> None:
        if self.stage == "all":
            super().run()
            return
        pid = os.posix_spawn(self.program, ["touch", self.output().path], os.environ)
        os.waitpid(pid, 0)


def node(job: Job) -> type[Node]:
    """The class of tasks that does what the job says."""
    if job.work == "touch":
        return Touching
    return NodeByCalls if job.peer == "bare-os" else Node


def run(job: Job) -> None:
    cls = node(job)
    cls.shape = job.shape
    keys = job.shape.tasks() if job.everything else [job.shape.root]
    waiting = [cls(folder=job.files, stage=s, systematic=y, number=n) for s, y, n in keys]
    absent = []
    while waiting:
        task = waiting.pop()
        if not task.complete():
            absent.append(task)
            waiting += task.requires()
    for task in reversed(absent):
        task.run()
        assert task.complete()

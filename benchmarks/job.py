"""What one measured process is to do, and the file that every task makes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, cast

from .shapes import Key, Shape
from .shapes.chain import Chain
from .shapes.fan import Fan
from .shapes.grid import Grid

SHAPES: dict[str, type[Shape]] = {"fan": Fan, "grid": Grid, "chain": Chain}
CONTENT = "twenty bytes of text"
State = Literal["fresh", "half", "complete"]
"""What is there when the measured process starts. Where all is complete, every task is asked for, not only the root:
each file is looked at."""
Work = Literal["file", "touch", "nothing", "objects", "start"]
"""What a task does: writes a file in its own process, has `touch` make it, or nothing at all.
objects: no task runs, instances are made. start: a script of one task runs from nothing to its end."""


def path_of(folder: str, stage: str, systematic: str, number: int) -> str:
    """The file a task makes. All are in one folder."""
    return f"{folder}/{stage}-{systematic}-{number}"


@dataclass(frozen=True)
class Job:
    """One measurement of one peer."""

    peer: str
    graph: str
    size: int
    state: State
    work: Work
    folder: str

    @cached_property
    def shape(self) -> Shape:
        """The graph."""
        return SHAPES[self.graph](self.size)

    @property
    def everything(self) -> bool:
        """Whether all tasks are asked for instead of the root."""
        return self.state == "complete"

    def arguments(self) -> list[str]:
        """The job as words of a command line."""
        return [str(value) for value in astuple(self)]

    @classmethod
    def parse(cls, words: list[str]) -> Job:
        """The job from such words."""
        peer, graph, size, state, work, folder = words
        return cls(peer, graph, int(size), cast(State, state), cast(Work, work), folder)

    def present(self) -> Iterator[Key]:
        """What is there when the measured process starts, each after what it needs.

        Half: every second of the tasks that need nothing, and what can be made of those.
        """
        if self.state == "fresh":
            return
        absent: set[Key] = set()
        for key in self.shape.tasks():
            needed = self.shape.needs(*key)
            lacks = any(one in absent for one in needed) if needed else key[2] % 2 == 1
            if self.state == "half" and lacks:
                absent.add(key)
            else:
                yield key

    def lay_out(self) -> None:
        """Makes the folder with what is there at the start."""
        files = Path(self.folder, "files")
        files.mkdir(parents=True)
        for key in self.present():
            with open(path_of(str(files), *key), "w") as file:
                file.write(CONTENT)

    @property
    def files(self) -> str:
        """The folder of the files."""
        return f"{self.folder}/files"

    @property
    def stamps(self) -> str:
        """A file of one time a task, for tasks that do nothing else."""
        return f"{self.folder}/stamps"


def fail(message: str) -> None:
    """Ends a measured process: what it measured would be worth nothing."""
    sys.exit(f"benchmark: {message}")

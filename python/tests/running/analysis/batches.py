"""Tasks that run as one."""

from __future__ import annotations

import os
from typing import Any

import martlet
from martlet.parameters import IntParameter, Parameter
from martlet.targets.local import LocalTarget
from martlet.task import Task, WrapperTask

from .files import Number


class Part(Task):
    """Makes one file a number; many numbers are made at once."""

    folder = Parameter()
    n = martlet.IntParameter(batch_method=tuple)
    kind = Parameter(default="good")

    @property
    def numbers(self) -> Any:
        return self.n if isinstance(self.n, tuple) else (self.n,)

    def output(self) -> Any:
        return [LocalTarget(f"{self.folder}/part-{n}") for n in self.numbers]

    def run(self) -> Any:
        with open(f"{self.folder}/ran", "a") as log:
            log.write("part-" + "+".join(map(str, self.numbers)) + "\n")
        print("parts", *self.numbers, flush=True)
        if self.kind == "raises":
            raise ValueError(f"parts {self.numbers}")
        if self.kind == "dies":
            os._exit(7)
        if self.kind == "asks":
            yield Number(self.folder, 100)
        for target in self.output()[: 1 if self.kind == "first only" else None]:
            with target.open("w") as file:
                file.write("x")


class BoxedPart(Part):
    """The same as a program of its own."""

    sandbox = "shell:/dev/null"


class Parts(WrapperTask):
    """Needs several parts."""

    folder = Parameter()
    count = IntParameter()
    kind = Parameter(default="good")
    boxed = martlet.BoolParameter(default=False)

    def requires(self) -> Any:
        cls = BoxedPart if self.boxed else Part
        return [cls(self.folder, n, self.kind) for n in range(self.count)]

"""Task classes that say when they begin and end, for runs that share their work."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from martlet.parameters import FloatParameter, IntParameter, Parameter
from martlet.running.build import run
from martlet.running.options import Options
from martlet.running.reporter import Silent
from martlet.targets.local import LocalTarget
from martlet.task import Task


def note(folder: str, text: str) -> None:
    """Appends a line with the pid of the driver (`running.driver` says which it is) in one step."""
    log = os.open(f"{folder}/log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(log, f"{text} {os.environ.get('DRIVER', os.getpid())}\n".encode())
    os.close(log)


class Unit(Task):
    """One of many: leaves a line when it begins and one when it ends, and takes `seconds` in between."""

    folder = Parameter()
    n = IntParameter()
    seconds = FloatParameter(default=0.0)

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/unit-{self.n}")

    def run(self) -> None:
        note(self.folder, f"begin {self.n}")
        deadline = time.monotonic() + self.seconds
        while time.monotonic() < deadline:
            pass  # keeps the interpreter to itself, as long computations do
        with self.output().open("w") as file:
            file.write(str(self.n))
        note(self.folder, f"end {self.n}")


class Units(Task):
    """Needs `count` units."""

    folder = Parameter()
    count = IntParameter()
    seconds = FloatParameter(default=0.0)

    def requires(self) -> Any:
        return [Unit(folder=self.folder, n=n, seconds=self.seconds) for n in range(self.count)]

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/units-{self.count}")

    def run(self) -> None:
        note(self.folder, "begin all")
        with self.output().open("w") as file:
            file.write("done")


class Traceless(Task):
    """Has no outputs: nothing but the word of who ran it says that it was run."""

    folder = Parameter()
    seconds = FloatParameter(default=0.0)

    def run(self) -> None:
        note(self.folder, "begin traceless")
        time.sleep(self.seconds)


class Nester(Task):
    """Builds units within its run()."""

    folder = Parameter()
    n = IntParameter()
    first = IntParameter()

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/nester-{self.n}")

    def run(self) -> None:
        note(self.folder, f"begin nester-{self.n}")
        inner = [Unit(folder=self.folder, n=n, seconds=0.2) for n in range(self.first, self.first + 3)]
        result = run(inner, Options(state=Path(f"{self.folder}/state")), Silent())
        if result:
            self.output().open("w").close()


class Nesters(Units):
    """Needs two tasks that build the same units, of which it needs one itself."""

    def requires(self) -> Any:
        nesters = [Nester(folder=self.folder, n=n, first=0) for n in range(2)]
        return [*nesters, Unit(folder=self.folder, n=1, seconds=0.2)]

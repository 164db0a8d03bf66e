"""Tasks that find out while they run what they need."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import martlet
from martlet.parameters import IntParameter, Parameter
from martlet.targets.local import LocalTarget
from martlet.task import Task

from .files import Data, Number, Total
from .troubles import Trouble


class Asks(Task):
    """Finds out what it needs while it runs."""

    folder = Parameter()
    how = Parameter()
    sandbox = None

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/asks-{self.how}")

    def run(self) -> Any:
        with open(f"{self.folder}/ran", "a") as log:
            log.write(f"begin-{self.how}\n")
        answer = yield from getattr(self, self.how)()
        with self.output().open("w") as file:
            file.write(str(answer))

    def single(self) -> Any:
        target = yield Number(self.folder, 1)
        return target.open().read()

    def several(self) -> Any:
        targets = yield [Number(self.folder, 1), Number(self.folder, 2)]
        named = yield {"three": Number(self.folder, 3), "more": [Number(self.folder, 4)]}
        return sum(int(t.open().read()) for t in [*targets, named["three"], *named["more"]])

    def nothing(self) -> Any:
        got = yield []
        return len(got)

    def there(self) -> Any:
        yield Number(self.folder, 1)
        again = yield Number(self.folder, 1)
        return again.open().read()

    def deep(self) -> Any:
        target = yield Total(self.folder, 5)
        return target.open().read()

    def failing(self) -> Any:
        try:
            yield Trouble(self.folder, "fail")
        finally:
            Path(f"{self.folder}/closed").touch()

    def missing(self) -> Any:
        yield Data(self.folder)

    def nonsense(self) -> Any:
        yield "Number"

    def itself(self) -> Any:
        yield Asks(self.folder, "itself")

    def raising(self) -> Any:
        yield Number(self.folder, 1)
        raise ValueError("after the yield")

    def dying(self) -> Any:
        """The worker that keeps it dies meanwhile: it starts from the top elsewhere."""
        yield Killer(self.folder)
        return "survived"


class Killer(Task):
    """Kills the process of whoever waits for it, once."""

    folder = Parameter()
    retry = martlet.Retry(lost=1)

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/killer")

    def run(self) -> None:
        if not os.path.exists(f"{self.folder}/killed"):
            Path(f"{self.folder}/killed").touch()
            os._exit(9)
        with self.output().open("w") as file:
            file.write("x")


class Countdown(Task):
    """Asks for the next smaller one, down to zero."""

    folder = Parameter()
    n = IntParameter()

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/countdown-{self.n}")

    def run(self) -> Any:
        if self.n > 0:
            yield Countdown(self.folder, self.n - 1)
        with self.output().open("w") as file:
            file.write("x")


class BoxedAsks(Asks):
    """Asks from a program of its own."""

    sandbox = "shell:/dev/null"

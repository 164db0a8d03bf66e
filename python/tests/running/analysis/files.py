"""Tasks that make files, and wrappers around them."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from martlet.parameters import IntParameter, Parameter
from martlet.targets.local import LocalTarget
from martlet.task import ExternalTask, Task, WrapperTask


class Number(Task):
    """Writes its number."""

    folder = Parameter()
    n = IntParameter()

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/number-{self.n}")

    def run(self) -> None:
        with open(f"{self.folder}/ran", "a") as log:
            log.write(f"number-{self.n}\n")
        with self.output().open("w") as file:
            file.write(str(self.n))


class Total(Task):
    """Adds numbers up."""

    folder = Parameter()
    count = IntParameter()

    def requires(self) -> Any:
        return [Number(self.folder, n) for n in range(self.count)]

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/total-{self.count}")

    def run(self) -> None:
        with open(f"{self.folder}/ran", "a") as log:
            log.write(f"total-{self.count}\n")
        with self.output().open("w") as file:
            file.write(str(sum(int(number.open().read()) for number in self.input())))


class Data(ExternalTask):
    """Comes from elsewhere."""

    folder = Parameter()

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/data")


class NeedsData(Task):
    """Needs what comes from elsewhere."""

    folder = Parameter()

    def requires(self) -> Any:
        return Data(self.folder)

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/needs-data")

    def run(self) -> None:
        Path(self.output().path).write_text("x")


class Odd(Task):
    """User code that raises where only names and numbers are asked for."""

    where = Parameter()

    def output(self) -> Any:
        return LocalTarget("/nowhere/\0odd" if self.where == "path" else "/nowhere/odd")

    def __repr__(self) -> str:
        if self.where == "repr":
            raise KeyError("title")
        return super().__repr__()

    @property
    def priority(self) -> Any:
        if self.where == "priority":
            raise KeyError("priority")
        return 0

    def process_resources(self) -> Any:
        if self.where == "resources":
            raise KeyError("resources")
        return {}

    def on_failure(self, exception: BaseException) -> Any:
        if self.where == "on_failure":
            sys.exit(3)
        return super().on_failure(exception)

    def run(self) -> None:
        raise ValueError("odd")


class Own(Task):
    """Has a priority and resources of its own, set on the instance."""

    folder = Parameter()
    n = IntParameter()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.priority = self.n
        self.resources = {"licence": 5} if self.n == 9 else {}

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/own-{self.n}")

    def run(self) -> None:
        with open(f"{self.folder}/ran", "a") as log:
            log.write(f"own-{self.n}\n")
        with self.output().open("w") as file:
            file.write("x")


class Plain(Task):
    """Makes nothing."""

    def run(self) -> None:
        pass


class PlainWrapper(WrapperTask):
    """Holds a task that makes nothing."""

    def requires(self) -> Any:
        return Plain()


class Link(Task):
    """One of a long chain."""

    folder = Parameter()
    n = IntParameter()
    priority = 1

    def requires(self) -> Any:
        return Link(self.folder, self.n - 1) if self.n else []

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/link-{self.n}")


class Leg(Task):
    """One after another."""

    folder = Parameter()
    n = IntParameter()

    def requires(self) -> Any:
        return Leg(self.folder, self.n - 1) if self.n else []

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/leg-{self.n}")

    def run(self) -> None:
        self.output().open("w").close()


class Watches(WrapperTask):
    """Runs, once the first leg is there, until the third is."""

    folder = Parameter()

    def requires(self) -> Any:
        return Leg(self.folder, 0)

    def run(self) -> None:
        end = time.monotonic() + 60
        while not os.path.exists(f"{self.folder}/leg-2"):
            if time.monotonic() > end:
                raise TimeoutError("the third leg is not made while this runs")
            time.sleep(0.02)


class Piece(Task):
    """Needs nothing."""

    folder = Parameter()
    n = IntParameter()

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/{self.task_family}-{self.n}")

    def run(self) -> None:
        print(f"piece {self.n}", flush=True)
        self.output().open("w").close()


class LargeJob(Piece):
    """Needs more memory than a machine counts if nobody says how much it has."""

    resources: Any = {"memory_gb": 3}


class LostJob(Piece):
    """Raises when it is to say what its job asks for."""

    @property
    def job_options(self) -> Any:  # type: ignore[override]
        return {}["of no dataset"]


class OddJob(Piece):
    """Asks its batch system for nonsense."""

    job_options: Any = {"memory": "much"}

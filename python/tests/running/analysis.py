"""Task classes that the tests of the run loop share."""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import martlet
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


class Trouble(Task):
    """Ends in the way that is asked for."""

    folder = Parameter()
    kind = Parameter()

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/trouble-{self.kind}")

    def run(self) -> None:
        print(f"about to {self.kind}", flush=True)
        getattr(self, self.kind)()

    def fail(self) -> None:
        raise ValueError("the jets are gone")

    def forget(self) -> None:
        pass

    def leave(self) -> None:
        sys.exit(3)

    def vanish(self) -> None:
        os._exit(7)

    def segfault(self) -> None:
        faulthandler.disable()  # pytest's would print where
        os.kill(os.getpid(), signal.SIGSEGV)

    def half(self) -> None:
        with self.output().open("w") as file:
            file.write("half of it")
            raise RuntimeError("interrupted while writing")

    def killed_half(self) -> None:
        with self.output().open("w") as file:
            file.write("half of it")
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)

    def wander(self) -> None:
        os.chdir("/")
        os.environ["WANDERED"] = "yes"
        os.umask(0o777)
        self._make()

    def thread(self) -> None:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        self._make()

    def _make(self) -> None:
        with self.output().open("w") as file:
            file.write("made")


class Wrapper(WrapperTask):
    """Holds several tasks together."""

    folder = Parameter()
    kinds = martlet.ListParameter()
    count = IntParameter(default=0)

    def requires(self) -> Any:
        needed: list[Any] = [Trouble(self.folder, kind) for kind in self.kinds]
        if self.count:
            needed.append(Total(self.folder, self.count))
        return needed


class NeedsData(Task):
    """Needs what comes from elsewhere."""

    folder = Parameter()

    def requires(self) -> Any:
        return Data(self.folder)

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/needs-data")

    def run(self) -> None:
        Path(self.output().path).write_text("x")


class Circle(Task):
    """Needs itself around two corners."""

    n = IntParameter(default=0)

    def requires(self) -> Any:
        return Circle((self.n + 1) % 3)

    def output(self) -> Any:
        return LocalTarget(f"/nowhere/circle-{self.n}")


class Broken(Task):
    """Cannot be planned."""

    where = Parameter()

    def requires(self) -> Any:
        if self.where == "requires":
            raise KeyError("dataset")
        return []

    def output(self) -> Any:
        if self.where == "output":
            raise KeyError("path")
        return LocalTarget("/nowhere/broken")


class Undecided(Task):
    """Its complete() says neither yes nor no."""

    def complete(self) -> Any:
        return "perhaps"

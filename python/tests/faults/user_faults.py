"""Tasks whose own code does what it must not."""

from __future__ import annotations

import ctypes
import importlib
import os
import signal
import sys
import threading
import time
from pathlib import Path

import martlet


class Good(martlet.Task):
    """Stands beside, and must be made whatever the others do."""

    n = martlet.IntParameter()

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(f"good-{self.n}")

    def run(self) -> None:
        time.sleep(0.005)  # some of them are still to be made when the others are in trouble
        with self.output().open("w") as file:
            file.write("good")


class Bad(martlet.Task):
    """Misbehaves in the way that is asked for."""

    how = martlet.Parameter()

    def requires(self) -> list[martlet.Task]:
        if self.how == "requires":
            raise ValueError("requires() raises")
        return []

    def output(self) -> martlet.LocalTarget:
        if self.how == "output":
            raise ValueError("output() raises")
        return martlet.LocalTarget(f"bad-{self.how}")

    def run(self) -> None:
        getattr(self, f"_{self.how}")()

    def _raise(self) -> None:
        raise ValueError("run() raises")

    def _import(self) -> None:
        importlib.import_module("no_such_module_of_the_user")

    def _exit(self) -> None:
        sys.exit(3)

    def _leave(self) -> None:
        os._exit(7)

    def _null(self) -> None:
        ctypes.string_at(0)

    def _abort(self) -> None:
        os.abort()

    def _poison(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def _recurse(self) -> None:
        self._recurse()

    def _thread(self) -> None:
        threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
        Path("bad-thread").touch()


class Unsure(Bad):
    """Cannot say whether it is complete."""

    def complete(self) -> bool:
        raise ValueError("complete() raises")


class Alone(Bad):
    """The same in a process of its own."""

    isolation = "fork"


class All(martlet.WrapperTask):
    how = martlet.Parameter()
    alone = martlet.BoolParameter(default=False)

    def requires(self) -> list[martlet.Task]:
        bad = Alone if self.alone else Unsure if self.how == "complete" else Bad
        return [*(Good(n=n) for n in range(12)), bad(how=self.how)]


class Failing(martlet.Task):
    n = martlet.IntParameter()

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(f"failing-{self.n}")

    def run(self) -> None:
        raise ValueError(f"no events in file {self.n}")


class Failures(martlet.WrapperTask):
    count = martlet.IntParameter()

    def requires(self) -> list[martlet.Task]:
        return [Failing(n=n) for n in range(self.count)]

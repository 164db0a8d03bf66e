"""Tasks that fail, each in its own way."""

from __future__ import annotations

import ctypes
import faulthandler
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import martlet
from martlet.parameters import IntParameter, Parameter
from martlet.targets.local import LocalTarget
from martlet.task import Task, WrapperTask

from .files import Number, Total


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

    def move(self) -> None:
        """Makes its output, but elsewhere."""
        os.makedirs(f"{self.folder}/sub")
        os.chdir(f"{self.folder}/sub")
        Path("trouble-move").write_text("made")

    def close_streams(self) -> None:
        sys.stdout = sys.stderr = open(os.devnull, "w")
        sys.stdout.close()
        self._make()

    def close_streams_and_fail(self) -> None:
        sys.stdout = sys.stderr = open(os.devnull, "w")
        sys.stdout.close()
        raise ValueError("and the streams are gone")

    def no_stream(self) -> None:
        sys.stderr = None  # type: ignore[assignment]
        self._make()

    def mute(self) -> None:
        class Mute(Exception):
            def __str__(self) -> str:
                raise RuntimeError("no words")

        raise Mute

    def long_winded(self) -> None:
        raise ValueError("x" * 5_000_000)

    def handlers(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        logging.getLogger().addHandler(logging.NullHandler())
        self._make()

    def daemon(self) -> None:
        """Leaves a process behind that has left the group and keeps every descriptor open."""
        if os.fork() == 0:
            os.setsid()
            time.sleep(30)  # longer than the test may take
            os._exit(0)
        os._exit(7)

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


class Flaky(Task):
    """Fails so often before it ends well."""

    folder = Parameter()
    failures = IntParameter()
    kind = Parameter(default="error")
    retry = martlet.Retry(error=2, lost=1, storage=1, memory=1, delay=0.01)

    @property
    def resources(self) -> Any:
        return {"memory_gb": 2} if self.kind == "memory" else {}

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/flaky-{self.kind}-{self.failures}")

    def run(self) -> None:
        with open(f"{self.folder}/ran", "a") as log:
            log.write("try\n")
        if len(Path(f"{self.folder}/ran").read_text().split()) <= self.failures:
            self._fail()
        with self.output().open("w") as file:
            file.write("x")

    def _fail(self) -> None:
        if self.kind == "lost":
            os._exit(9)
        if self.kind == "storage":
            raise TimeoutError("the server does not answer")
        if self.kind == "memory":
            raise MemoryError
        raise ValueError("not yet")


class Moody(Task):
    """Requires something else each time it is asked."""

    folder = Parameter()
    asked = 0

    def requires(self) -> Any:
        Moody.asked += 1
        return Number(self.folder, Moody.asked)

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/moody")

    def run(self) -> None:
        with self.input().open() as number, self.output().open("w") as file:
            file.write(number.read())


class Poison(Task):
    """Kills the process that runs it."""

    folder = Parameter()
    n = IntParameter()

    def run(self) -> None:
        with open(f"{self.folder}/ran", "a") as log:
            log.write("poison\n")
        os.kill(os.getpid(), signal.SIGKILL)


class Failing(Task):
    """Fails with its own number in the words."""

    n = IntParameter()

    def run(self) -> None:
        raise ValueError(f"number {self.n} is not good")


class Crashes(Task):
    """Ends its process from compiled code, or at once."""

    how = Parameter()

    def run(self) -> None:
        if self.how == "exit":
            os._exit(7)
        if self.how == "child exits":
            if os.fork() == 0:
                os._exit(0)
            os.wait()
            return
        ctypes.string_at(0)


class Secretive(Parameter):
    """Has no text for its value."""

    def serialize(self, x: Any) -> str:
        raise ValueError("no text for this")


class Unnamed(Task):
    """Nobody can tell its id."""

    folder = Parameter()
    secret = Secretive(default="x", significant=True)
    aside = Parameter(default="", significant=False)

    class Needed(Task):
        """Names it."""

        folder = Parameter()

        def requires(self) -> Any:
            return Unnamed(self.folder)

"""Tasks that take time, memory, cores and devices, or see what they were given."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Any, ClassVar

import martlet
from martlet.parameters import IntParameter, Parameter
from martlet.targets.local import LocalTarget
from martlet.task import Task


class Limited(Task):
    """May take a certain time, and takes another; its child must not outlive it."""

    folder = Parameter()
    seconds = martlet.FloatParameter()
    limit = martlet.FloatParameter(default=0.3)

    @property
    def time_limit(self) -> Any:
        return self.limit

    @time_limit.setter
    def time_limit(self, value: Any) -> None: ...

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/limited-{self.seconds}")

    def run(self) -> None:
        with open(f"{self.folder}/pids", "a") as pids:
            print(os.getpid(), file=pids)
        with self.output().open("w") as file:
            file.write("half, ")
            file.flush()
            if self.seconds > 1:
                child = subprocess.Popen(["sleep", str(self.seconds)])
                with open(f"{self.folder}/child", "w") as note:
                    note.write(str(child.pid))
            time.sleep(self.seconds)
            file.write("whole")


class LimitedOnce(Limited):
    """Takes too long the first time alone."""

    retry = martlet.Retry(timeout=1)

    def run(self) -> None:
        first = Path(self.folder) / "first"
        if first.exists():
            self.output().open("w").close()
        else:
            first.touch()
            time.sleep(60)


class LimitedInSandbox(Limited):
    """The same in a sandbox."""

    sandbox = "shell:/dev/null"


class Wears(Task):
    """Leaves something behind in its process."""

    folder = Parameter()
    n = IntParameter()
    what = Parameter(default="nothing")
    kept: ClassVar[list[Any]] = []

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/wears-{self.n}")

    def run(self) -> None:
        if self.what == "memory":
            Wears.kept.append(b"x" * 50_000_000)
        if self.what == "freed":
            bytearray(b"x" * 50_000_000).clear()
        if self.what == "thread":
            threading.Thread(target=threading.Event().wait, daemon=True).start()
        if self.what == "service":
            threading.Thread(target=threading.Event().wait, name="io", daemon=True).start()
        with self.output().open("w") as file:
            file.write(str(os.getpid()))


class Sees(Task):
    """Writes down where it ran and what it may use; tasks that run at the same time overlap."""

    folder = Parameter()
    n = IntParameter(default=0)
    takes = martlet.DictParameter(default={})

    @property
    def resources(self) -> Any:
        return dict(self.takes)

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/sees-{self.n}")

    def run(self) -> None:
        begin = time.monotonic()
        time.sleep(0.03)
        seen = {name: os.environ.get(name) for name in ("CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS")}
        with self.output().open("w") as file:
            json.dump({"pid": os.getpid(), "begin": begin, "end": time.monotonic(), **seen}, file)


class SeesAlone(Sees):
    """… in a process of its own."""

    isolation = "fork"

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/sees-alone-{self.n}")


class SeesAsLuigi(Sees):
    """… under luigi's face."""

    confined = False

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/sees-as-luigi-{self.n}")

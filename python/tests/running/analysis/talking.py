"""Tasks that print."""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import Any

from martlet.parameters import IntParameter, Parameter
from martlet.targets.local import LocalTarget
from martlet.task import Task


class Talks(Task):
    """Prints through every door."""

    folder = Parameter()
    n = IntParameter(default=0)
    how = Parameter(default="well")

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/talks-{self.n}")

    def run(self) -> None:
        print(f"out {self.n}")
        print(f"err {self.n}", file=sys.stderr)
        logging.getLogger("talks").warning("logged %s", self.n)
        os.system(f"echo program {self.n}")
        if self.how == "ill":
            os.kill(os.getpid(), signal.SIGKILL)
        with self.output().open("w") as file:
            file.write("x")


class TalksAtLength(Talks):
    """… into a file of its own."""

    own_log = True

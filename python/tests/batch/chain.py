"""Tasks for runs that follow one another: one loses its process each time, some run as one, some share a resource."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import martlet


class Leaves(martlet.Task):
    """Leaves a line when it runs."""

    folder = martlet.Parameter()
    pause = martlet.FloatParameter(default=0.0, significant=False)

    def names(self) -> list[str]:
        return [self.task_family]

    def output(self) -> list[martlet.LocalTarget]:
        return [martlet.LocalTarget(f"{self.folder}/out/{name}.txt") for name in self.names()]

    def run(self) -> None:
        with open(Path(str(self.folder), "ran"), "a") as log:
            log.write(f"{'+'.join(self.names())}\n")
        time.sleep(float(self.pause))  # its work: so long a test has to look at it
        for target in self.output():
            target.dump("made")


class Lost(Leaves):
    retry = martlet.Retry(lost=2)

    def run(self) -> None:
        with open(Path(str(self.folder), "ran"), "a") as log:
            log.write("Lost\n")
        os.kill(os.getpid(), signal.SIGKILL)


class Upload(Leaves):
    file = martlet.IntParameter(batch_method=tuple)

    def names(self) -> list[str]:
        return [str(name) for name in (self.file if isinstance(self.file, tuple) else (self.file,))]


class Uploads(martlet.WrapperTask):
    folder = martlet.Parameter()
    count = martlet.IntParameter()

    def requires(self) -> list[Upload]:
        return [Upload(folder=self.folder, file=number, pause=3.0) for number in range(int(self.count))]


class Shared(Leaves):
    number = martlet.IntParameter()
    resources = {"database": 1}

    def names(self) -> list[str]:
        return [str(self.number)]


class All(martlet.WrapperTask):
    folder = martlet.Parameter()

    def requires(self) -> list[Shared]:
        return [Shared(folder=self.folder, number=number, pause=2.0) for number in range(2)]


if __name__ == "__main__":
    martlet.run()

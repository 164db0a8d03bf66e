"""Three stages: selections, what merges them, a report of that; each leaves a line when it runs."""

from __future__ import annotations

import time
from pathlib import Path

import martlet


class Stage(martlet.Task):
    count = martlet.IntParameter()
    folder = martlet.Parameter()

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(f"{self.folder}/out/{self.task_family}.txt")

    def run(self) -> None:
        with open(Path(str(self.folder), "ran"), "a") as log:
            log.write(f"{self.task_family}\n")
        self.output().dump("made")


class Selection(Stage):
    number = martlet.IntParameter()
    bad = martlet.IntParameter(default=-1, significant=False)
    pause = martlet.FloatParameter(default=0.0, significant=False)

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(f"{self.folder}/out/{self.number}.txt")

    def run(self) -> None:
        time.sleep(float(self.pause))  # its work: so long a test has to look at it
        print(f"selection {self.number} was here", flush=True)
        if self.number == self.bad:
            raise ValueError("no luck")
        super().run()


class Merge(Stage):
    bad = martlet.IntParameter(default=-1, significant=False)

    def requires(self) -> list[Selection]:
        return [
            Selection(count=self.count, folder=self.folder, number=number, bad=self.bad)
            for number in range(int(self.count))
        ]


class Report(Stage):
    bad = martlet.IntParameter(default=-1, significant=False)

    def requires(self) -> Merge:
        return Merge(count=self.count, folder=self.folder, bad=self.bad)


if __name__ == "__main__":
    martlet.run()

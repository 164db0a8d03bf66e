"""An analysis whose tasks are run as jobs: each branch leaves a line in a log each time that it runs, and a file."""

from __future__ import annotations

import os
import time
from pathlib import Path

import martlet


class Selection(martlet.Workflow):
    count = martlet.IntParameter()
    folder = martlet.Parameter()
    pause = martlet.FloatParameter(default=0.0, significant=False)

    def create_branch_map(self) -> int:
        return int(self.count)

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(f"{self.folder}/out/{self.branch}.txt")

    def run(self) -> None:
        print(f"branch {self.branch} begins", flush=True)
        with open(Path(self.folder, "ran"), "a") as log:
            log.write(f"{self.branch}\n")
        time.sleep(self.pause)  # its work: so long a test has to look at it
        self.output().dump(os.environ.get("SLURM_ARRAY_TASK_ID", ""))


class Plot(martlet.Task):
    count = martlet.IntParameter()
    folder = martlet.Parameter()

    def requires(self) -> Selection:
        return Selection(count=self.count, folder=self.folder)

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(f"{self.folder}/plot.txt")

    def run(self) -> None:
        self.output().dump(" ".join(sorted(target.load() for target in self.input().targets.values())))


if __name__ == "__main__":
    martlet.run()

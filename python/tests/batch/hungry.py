"""An analysis of which one branch needs more memory than it asks for, and one more time, when they run first."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import martlet


class Hungry(martlet.Workflow):
    bytes = martlet.IntParameter()
    """What the one branch takes, more than it asks for."""
    short = martlet.IntParameter()
    long = martlet.IntParameter()
    """Seconds that branches ask for: the one that takes longer, and all others."""

    @property
    def job_options(self) -> dict[str, Any]:
        return {"memory": "150 MB", "walltime": int(self.short if self.branch == 1 else self.long)}

    def create_branch_map(self) -> dict[int, str]:
        return {0: "memory", 1: "time", 2: "nothing"}

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(f"out/{self.branch}.txt")

    def run(self) -> None:
        tried = Path(f"tried-{self.branch}")
        first = not tried.exists()
        with tried.open("a") as log:
            log.write("once\n")
        if first and self.branch_data == "memory":
            held = b"x" * int(self.bytes)
            time.sleep(60)  # until it is seen to have taken so much
            del held
        if first and self.branch_data == "time":
            time.sleep(5 * int(self.short))  # until it is ended
        self.output().dump("made")

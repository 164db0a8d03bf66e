"""The process that starts workers is lost, by whatever means."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import martlet
from martlet.running.build import run
from martlet.running.options import Options
from martlet.running.reporter import Silent
from martlet.targets.local import LocalTarget
from martlet.task import Task
from running.processes import wait_until_gone


class Starts(Task):
    """Leaves a program behind, which ends with the worker."""

    folder = martlet.Parameter()

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/pids")

    def run(self) -> None:
        program = subprocess.Popen(["sleep", "600"])
        with self.output().open("w") as file:
            file.write(f"{program.pid} {os.getppid()}")


class Strikes(martlet.CommandTask):
    """Kills the process that workers come from, when they are idle; the kernel kills them then."""

    folder = martlet.Parameter()

    def requires(self) -> Any:
        return Starts(self.folder)

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/struck")

    def command(self) -> Any:
        return (
            "zygote=$(cut -d ' ' -f 2 {input}); kill -9 $zygote; "
            # it is dead, and the driver its heir
            "until grep -q ') Z ' /proc/$zygote/stat; do sleep 0.01; done; touch {output}"
        )


def test_what_its_workers_left_behind_is_ended(tmp_path: Path) -> None:
    options = Options(workers=2, state=tmp_path / "state")
    assert run([Strikes(str(tmp_path))], options, Silent())
    wait_until_gone(int((tmp_path / "pids").read_text().split()[0]))

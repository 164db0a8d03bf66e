"""Runs in the driver of a process of its own: `python -m running.relayed FOLDER CASE`, one of the cases of `main`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import martlet
from martlet import LocalTarget, Task
from martlet.running.build import run
from martlet.running.options import Options
from martlet.running.reporter import Reporter, Silent
from martlet.steering.display import RichDisplay
from martlet.steering.plain import PlainReporter
from martlet.targets.transfer_display import TransferDisplay
from running.analysis import Talks


def children(pid: int, name: str) -> list[int]:
    """Living processes of that name that a process has started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            lines = (folder / "status").read_text().splitlines()
        except OSError:
            continue  # it has ended meanwhile
        fields = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        if fields["Name"] == name and int(fields["PPid"]) == pid and not fields["State"].startswith("Z"):
            found.append(int(folder.name))
    return found


class Long(Task):
    """Goes on until a file named `go` is there."""

    folder = martlet.Parameter()

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/long")

    def run(self) -> None:
        print("it begins")
        Path(self.folder, "begun").write_text(" ".join(map(str, children(os.getpid(), "martlet-relay"))))
        while not os.path.exists(f"{self.folder}/go"):
            time.sleep(0.02)
        print("it ends")
        self.output().open("w").close()


class Fetches(Task):
    """Fetches until a file named `fetched` is there, and goes on until one named `go` is."""

    folder = martlet.Parameter()

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/fetches")

    def run(self) -> None:
        with TransferDisplay("fetching", 100) as display:
            while not os.path.exists(f"{self.folder}/fetched"):
                display.progress(5_000_000, 20_000_000, 25, 100)
                time.sleep(0.02)
        while not os.path.exists(f"{self.folder}/go"):
            time.sleep(0.02)
        self.output().open("w").close()


class Converses(Task):
    """Has a debugger, and asks."""

    folder = martlet.Parameter()

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/converses")

    def run(self) -> None:
        secret = 6 * 7
        breakpoint()
        answer = input("your answer? ")
        size = os.get_terminal_size()
        print(f"<{answer}> of {secret}, {sys.stdout.isatty()} {sys.stderr.isatty()} {size.columns}x{size.lines}")
        self.output().open("w").close()


class LosesIt(Task):
    """Kills the process that keeps what it prints."""

    folder = martlet.Parameter()

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/loses-it")

    def run(self) -> None:
        for relay in children(os.getpid(), "martlet-relay"):
            os.kill(relay, 9)
        while children(os.getpid(), "martlet-relay"):
            time.sleep(0.01)
        self.output().open("w").close()


class PrintsOn(LosesIt):
    """Prints on when that process is gone."""

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/prints-on")

    def run(self) -> None:
        super().run()
        print("printed on")


class Leaves(Task):
    """Leaves a program behind, which prints after the run."""

    folder = martlet.Parameter()

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/leaves")

    def run(self) -> None:
        wait = "while [ ! -e go ]; do sleep 0.02; done; echo late; touch gone"
        subprocess.Popen(["/bin/sh", "-c", wait], cwd=self.folder)
        self.output().open("w").close()


class After(Task):
    """Needs another, and prints."""

    first = martlet.TaskParameter()
    folder = martlet.Parameter()

    def requires(self) -> Any:
        return self.first(folder=self.folder)

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/after")

    def run(self) -> None:
        print("afterwards")
        self.output().open("w").close()


def main(folder: str, what: str) -> int:
    """Ends with the run's exit code."""
    reporter: Reporter = Silent()
    if what == "talks":
        reporter = PlainReporter(sys.stderr, patience=0)
        print("not a task's")
        tasks: list[Task] = [Talks(folder, n) for n in range(4)]
    elif what == "long":
        reporter = RichDisplay(sys.stderr)
        tasks = [Long(folder)]
    elif what == "fetches":
        reporter = RichDisplay(sys.stderr)
        tasks = [Fetches(folder)]
    elif what == "converses":
        tasks = [Converses(folder)]
    elif what in ("loses it", "tells that it loses it"):
        reporter = Silent() if what == "loses it" else PlainReporter(sys.stderr, patience=0)
        tasks = [After(LosesIt, folder)]
    elif what == "prints on":
        tasks = [After(PrintsOn, folder)]
    else:
        tasks = [Leaves(folder)]
    result = run(tasks, Options(workers=1, state=Path(folder) / "state"), reporter)
    if what == "leaves":
        print("the run is over")
        Path(folder, "go").touch()
        while not os.path.exists(f"{folder}/gone"):
            time.sleep(0.01)
    return int(result.exit_code)


if __name__ == "__main__":
    # the module under the name that other processes import it by
    from running.relayed import main as run_case

    sys.exit(run_case(*sys.argv[1:]))

"""The folder of one iteration, and the driver that is run in it as a user would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import martlet

from . import records
from .history import History
from .processes import Living, marked
from .scenario import MUTANTS, Scenario

ANALYSIS = Path(__file__).with_name("analysis.py")
PACKAGES = os.pathsep.join(map(str, (Path(martlet.__file__).resolve().parents[1], ANALYSIS.parents[1])))
"""Where a driver finds the package under test and the tests; not `sys.path`, to which other tests add stand-ins."""
PATIENCE = 60
"""Seconds after which a run counts as hanging."""


class Area:
    """Where an iteration's files lie: target/, state/, the history, and what fail points say."""

    def __init__(self, folder: Path, scenario: Scenario) -> None:
        self.folder = folder
        self.scenario = scenario
        self.target = folder / "target"
        self.state = folder / "state"
        self.logs = self.state / "logs"
        self.history = History(folder / "history")
        self.mark = f"{os.getpid()}-{scenario.seed}-{folder.name}"
        self.runs = 0
        self.fail_state = folder
        self.said_file = folder / "stderr"
        self.older: set[Path] = set()
        """Segments of reports that were there when the last run began."""
        (folder / "graph.json").write_text(json.dumps([asdict(node) for node in scenario.nodes]))

    def start(self, fail: str = "", beside: bool = False) -> subprocess.Popen[str]:
        """Starts a driver. `fail`: for MARTLET_FAIL; `beside`: the one before is at work still."""
        self.runs += 1
        self.fail_state = self.folder / f"fail-{self.runs}"
        self.fail_state.mkdir()
        self.said_file = self.fail_state / "stderr"
        self.history.drive(self.present(), beside)
        self.older = set(self.segments("reports"))
        mutant = MUTANTS.get(self.scenario.mutant, "")
        environment = {
            **os.environ,
            "PYTHONPATH": PACKAGES,
            "FAULTS_HISTORY": str(self.folder / "history"),
            "FAULTS_MARK": self.mark,
            "FAULTS_TIDY": "1" if self.scenario.workers == 1 else "",
            "MARTLET_FAIL": ";".join(filter(None, (fail, mutant))),
            "MARTLET_FAIL_STATE": str(self.fail_state),
        }
        words = ["run", str(ANALYSIS), "Whole", "--state", str(self.state), "--workers", str(self.scenario.workers)]
        if self.scenario.batch:
            words += ["--batch", "local"]
        if self.scenario.pilots:
            words += ["--pilots", str(self.scenario.pilots)]
        return subprocess.Popen(
            [sys.executable, "-m", "martlet", *words],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self.said_file.open("w"),
            text=True,
            start_new_session=True,
        )

    def alive(self) -> dict[int, Living]:
        """Processes of this iteration."""
        return marked(f"FAULTS_MARK={self.mark}")

    def output(self, task: int) -> Path:
        return self.target / f"{task}.txt"

    def present(self) -> list[int]:
        """Tasks whose outputs are there."""
        return [number for number in range(len(self.scenario.nodes)) if self.output(number).exists()]

    def segments(self, kind: str) -> list[Path]:
        """The files of reports or of the ledger, oldest first."""
        return sorted((self.state / kind).glob("*.jsonl"))

    def acknowledged(self) -> set[int]:
        """Tasks with a whole report that says they are done."""
        done = set()
        for segment in self.segments("reports"):
            for record in records.read(segment):
                if record.get("family") in ("Step", "Command") and record.get("state") == "done":
                    done.add(int(record["params"]["n"]))
        return done

    def synced(self) -> dict[Path, int]:
        """How many bytes of which file were forced to disk, in all runs."""
        lengths: dict[Path, int] = {}
        for run in range(1, self.runs + 1):
            told = self.folder / f"fail-{run}" / "synced"
            for line in told.read_text().splitlines() if told.exists() else ():
                length, _, path = line.partition(" ")
                lengths[Path(path)] = max(lengths.get(Path(path), 0), int(length))
        return lengths

    def said(self) -> str:
        """What the last driver wrote to stderr. No pipe: what lives on may hold it open for ever."""
        return self.said_file.read_text(errors="replace")

    def happened(self) -> bool:
        """Whether a fail point's fault came about in the last run."""
        return any(self.fail_state.glob("happened-*"))

    def reached(self) -> set[str]:
        """The fail points that were passed, in all runs."""
        told = [self.folder / f"fail-{run}" / "reached" for run in range(1, self.runs + 1)]
        return {line for file in told if file.exists() for line in file.read_text().splitlines()}

"""Runs of an analysis whose tasks are jobs of a batch system, as processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import martlet

SCRIPT = Path(__file__).with_name("analysis.py")
ROOTS = str(Path(martlet.__file__).parents[1])


class Area:
    """A folder that holds a state directory and the outputs of an analysis."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.script = folder / SCRIPT.name
        """The analysis; tests may write another."""
        shutil.copy(SCRIPT, self.script)
        self.environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith("MARTLET_")},
            "PYTHONPATH": ROOTS, **environment,
        }  # fmt: skip

    def start(self, *words: str, script: Path | None = None, **variables: str) -> subprocess.Popen[str]:
        run = [sys.executable, "-m", "martlet", "run"]
        command = [*run, str(script or self.script), *words, "--state", str(self.state)]
        return subprocess.Popen(
            command, cwd=self.folder, env={**self.environment, **variables}, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def run(self, *words: str, timeout: float = 300, script: Path | None = None, **variables: str) -> tuple[int, str]:
        """Exit code, and what it said."""
        process = self.start(*words, script=script, **variables)
        try:
            said, _ = process.communicate(timeout=timeout)
        finally:
            process.kill()
        return process.returncode, said

    def jobs(self, *words: str, code: int = 0, **variables: str) -> str:
        """What `martlet jobs` says of the area; it is to end with that code."""
        martlet = Path(sys.executable).parent / "martlet"
        done = subprocess.run(
            [martlet, "jobs", *words, "--state", self.state], env={**self.environment, **variables}, cwd=self.folder,
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def states(self) -> list[str]:
        """Of the jobs that are open, how they are."""
        return [job["state"] for job in json.loads(self.jobs("list", "--json"))]

    def outputs(self) -> set[str]:
        return {path.name for path in (self.folder / "out").glob("*.txt")}

    def often(self) -> dict[int, int]:
        """How often each branch has run, of those that did not run once."""
        runs = Counter(int(line) for line in (self.folder / "ran").read_text().split())
        return {branch: count for branch, count in runs.items() if count != 1}

    def ledger(self) -> list[dict[str, object]]:
        texts = [path.read_text() for path in sorted((self.state / "ledger").glob("*.jsonl"))]
        return [json.loads(line) for text in texts for line in text.splitlines()]

    def accepted(self) -> int:
        """Of how many jobs the ledger knows an id."""
        return sum(len(ids) for record in self.ledger() if isinstance(ids := record.get("ids"), list))

    def submissions(self) -> list[int]:
        """How many jobs each submission of the ledger has."""
        return [len(elements) for record in self.ledger() if isinstance(elements := record.get("elements"), list)]

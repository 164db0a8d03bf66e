"""What a driver costs that submits, watches and collects jobs of a real Slurm: `make bench-jobs`, docs/scale.md.

Jobs wait in a partition that is down until the driver has been watched for a while; then they run on this machine. Only
the driver is measured, its commands (`sbatch`, `squeue`, `sacct`) beside it: what jobs do is theirs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from batch.servers import slurm

from .branches import SCRIPT
from .table import Row, plain, significant

_YOUTH = 35
"""Seconds after the submission in which the driver asks more often than later."""
_WATCHED = 60
"""Seconds for which it is watched while all jobs wait."""
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Spent:
    """CPU seconds so far, and when that was."""

    driver: float
    commands: float
    at: float

    @classmethod
    def by(cls, process: int) -> Spent:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        user, system, their_user, their_system = (int(field) / _TICK for field in fields[11:15])
        return cls(user + system, their_user + their_system, time.monotonic())

    def since(self, other: Spent) -> Spent:
        return Spent(self.driver - other.driver, self.commands - other.commands, self.at - other.at)


@dataclass(frozen=True)
class Measured:
    phases: dict[str, Spent]
    peak: float
    """Bytes of the driver's memory."""
    jobs: int
    outputs: int
    reports: int

    def rows(self) -> list[Row]:
        head = ["", "wall, s", "driver's CPU, s", "of one core", "its commands' CPU, s"]
        return [head, *([name, *_cells(spent)] for name, spent in self.phases.items())]


def _cells(spent: Spent) -> Row:
    share = f"{spent.driver / spent.at * 100:.1f} %"
    return [significant(spent.at), significant(spent.driver), share, significant(spent.commands)]


def main(arguments: Sequence[str]) -> int:
    given = _parser().parse_args(arguments)
    if why := slurm.why_not():
        print(f"benchmark: {why}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="martlet-benchmarks-", dir="/var/tmp") as base:
        folder, server = Path(base, "analysis"), Path(base, "slurm")
        folder.mkdir()
        (folder / "select.py").write_text(SCRIPT)
        with slurm.serving(server, cores=given.cores) as system:
            measured = measure(system, folder, given)
    print(plain(measured.rows()))
    print(
        f"{measured.jobs:,} jobs, {measured.outputs:,} outputs and {measured.reports:,} reports of {given.branches:,} "
        f"branches; the driver's memory at its peak: {significant(measured.peak / 1e6)} MB"
    )
    return 0 if given.pending or measured.outputs == measured.reports == given.branches else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.jobs", description="What a driver with many jobs in Slurm costs.")
    add = parser.add_argument
    add("--branches", type=int, default=10_000)
    add("--tasks-per-job", type=int, default=10)
    add("--pilots", type=int, default=0, help="so many jobs take one slice after the other")
    add("--pending", action="store_true", help="jobs are not let run: for many more than this machine can run")
    add("--cores", type=int, default=max(2, os.cpu_count() or 2), help="jobs that run at a time")
    return parser


def measure(system: slurm.Slurm, folder: Path, given: argparse.Namespace) -> Measured:
    """Runs it to its end, unless jobs are to stay pending. Raises RuntimeError where the driver ends first."""
    jobs = given.pilots or -(-given.branches // given.tasks_per_job)
    system.run("scontrol", "update", "PartitionName=short", "State=DOWN")
    words = [sys.executable, "-m", "martlet", "run", "select.py", "Selection", "--count", str(given.branches)]
    words += ["--batch", "slurm", "--tasks-per-job", str(given.tasks_per_job)]
    words += ["--pilots", str(given.pilots)] if given.pilots else []
    with open(folder / "said", "w") as said:
        driver = subprocess.Popen(words, cwd=folder, env={**os.environ, **system.environment}, stdout=said, stderr=said)
    try:
        began = Spent(0, 0, time.monotonic())
        _await(driver, folder, lambda: _accepted(folder) == jobs)
        submitted = Spent.by(driver.pid)
        time.sleep(_YOUTH)
        settled = Spent.by(driver.pid)
        time.sleep(_WATCHED)
        watched = Spent.by(driver.pid)
        phases = {
            "planning and submitting": submitted.since(began),
            "waiting, all jobs pending": watched.since(settled),
        }
        if given.pending:
            return Measured(phases, _peak(driver), jobs, 0, 0)
        system.run("scontrol", "update", "PartitionName=short", "State=UP")
        last, peak = _to_the_end(driver, watched)
    finally:
        driver.kill()
    if driver.wait() != 0:
        raise RuntimeError((folder / "said").read_text()[-2000:])
    phases["watching jobs run, and collecting"] = last.since(watched)
    outputs = sum(1 for _ in folder.glob("out/*/*.txt"))
    return Measured(phases, peak, jobs, outputs, _reports(folder))


def _await(driver: subprocess.Popen[bytes], folder: Path, enough: Callable[[], bool]) -> None:
    while not enough():
        if driver.poll() is not None:
            raise RuntimeError((folder / "said").read_text()[-2000:])
        time.sleep(0.2)


def _to_the_end(driver: subprocess.Popen[bytes], first: Spent) -> tuple[Spent, float]:
    """What it has spent at its end, to within half a second, and the peak of its memory in bytes."""
    last, peak = first, 0.0
    while driver.poll() is None:
        last, peak = Spent.by(driver.pid), _peak(driver) or peak
        time.sleep(0.5)
    return last, peak


def _peak(driver: subprocess.Popen[bytes]) -> float:
    """Bytes of memory at the most so far; 0 of a process that has ended."""
    lines = Path(f"/proc/{driver.pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) * 1024.0 for line in lines if line.startswith("VmHWM:")), 0.0)


def _accepted(folder: Path) -> int:
    """Of how many jobs the ledger knows that Slurm has them."""
    lines = [line for path in folder.glob(".martlet/ledger/*.jsonl") for line in path.read_text().splitlines()]
    return sum(len(ids) for line in lines if isinstance(ids := json.loads(line).get("ids"), list))


def _reports(folder: Path) -> int:
    """Of how many branches a success is recorded."""
    words = [str(Path(sys.executable).with_name("martlet")), "reports", "list", "--json"]
    told = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=True).stdout
    done = [one["title"] for one in json.loads(told) if one["outcome"] == "done"]
    return sum(re.search(r"branch=\d", title) is not None for title in done)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

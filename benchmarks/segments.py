"""What a job takes to report a task, by how many segments of reports are there: `python -m benchmarks.segments`.

Jobs run one after the other as a batch system would start them, `martlet job FILE INDEX`, with what one run has
described. Reports of others are copies of the first segment under other names. Of pilots it is counted how many
segments they leave.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .branches import SCRIPT
from .table import plain, significant


@dataclass(frozen=True)
class Spent:
    """By a job at the median, in milliseconds."""

    wall: float
    cpu: float


def main(arguments: Sequence[str]) -> int:
    given = _parser().parse_args(arguments)
    rows = [["segments there", "a job: wall, ms", "CPU, ms"]]
    with tempfile.TemporaryDirectory(prefix="martlet-benchmarks-", dir="/var/tmp") as base:
        folder = Path(base)
        (folder / "select.py").write_text(SCRIPT)
        description = _described(folder, given.jobs)
        for count in given.segments:
            _lay_out(folder, count)
            spent = _run(description, given.jobs)
            rows.append([f"{count:,}", significant(spent.wall), significant(spent.cpu)])
        left = _pilots(folder, given.jobs)
    print(plain(rows))
    print(f"two pilots that take {given.jobs} tasks leave {left} segments, their driver's included")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.segments", description="What a job takes among many segments.")
    parser.add_argument("--jobs", type=int, default=20)
    parser.add_argument("--segments", type=int, nargs="+", default=[1, 1_000, 10_000])
    return parser


def _described(folder: Path, jobs: int) -> Path:
    """The description of so many jobs, which have run once. Raises CalledProcessError."""
    _martlet(folder, jobs, "--workers", "2")
    (description,) = folder.glob(".martlet/jobs/*/job.json")
    return description


def _martlet(folder: Path, jobs: int, *more: str) -> None:
    words = ["run", "select.py", "Selection", "--count", str(jobs), "--batch", "local", "--no-bundle", "--quiet", *more]
    subprocess.run([sys.executable, "-m", "martlet", *words], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _lay_out(folder: Path, count: int) -> None:
    """Leaves so many segments."""
    reports = folder / ".martlet/reports"
    first, *others = sorted(reports.iterdir())
    for path in others:
        path.unlink()
    content = first.read_bytes()
    for number in range(1, count):
        (reports / f"20260101T000000Z-node-1-{number:08x}.jsonl").write_bytes(content)


def _run(description: Path, jobs: int) -> Spent:
    """Raises CalledProcessError."""
    walls, cpus = [], []
    for path in description.parent.iterdir():
        if path != description:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for index in range(jobs):
        before, begin = _cpu(), time.monotonic()
        with open(description.parent / f"{index}.log", "wb") as log:
            words = [sys.executable, "-m", "martlet", "job", str(description), str(index)]
            subprocess.run(words, cwd=description.parents[3], check=True, stdout=log, stderr=log)
        walls.append(time.monotonic() - begin)
        cpus.append(_cpu() - before)
    return Spent(_median(walls) * 1000, _median(cpus) * 1000)


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _pilots(folder: Path, tasks: int) -> int:
    """How many segments there are when two pilots have taken so many tasks. Raises CalledProcessError."""
    for name in (".martlet", "out"):
        shutil.rmtree(folder / name)
    _martlet(folder, tasks, "--workers", "2", "--pilots", "2")
    return len(os.listdir(folder / ".martlet/reports"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

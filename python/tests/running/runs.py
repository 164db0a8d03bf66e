"""Whole runs in this process, and what they leave behind."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from martlet.running.build import run
from martlet.running.options import Options
from martlet.running.reporter import Silent
from martlet.running.result import RunResult
from martlet.task import Task


def go(
    tasks: Task | Sequence[Task], folder: Path, workers: int = 1, reporter: Silent | None = None, **options: Any
) -> RunResult:
    """Runs tasks with their state in a test's folder."""
    roots = [tasks] if isinstance(tasks, Task) else tasks
    return run(roots, Options(workers=workers, state=folder / "state", **options), reporter or Silent())


def ran(folder: Path) -> list[str]:
    """What tasks noted in the file `ran` when they began, in that order."""
    log = folder / "ran"
    return log.read_text().split() if log.exists() else []


def records(folder: Path) -> list[dict[str, Any]]:
    """Every line of every segment of reports."""
    return [
        json.loads(line)
        for segment in sorted((folder / "state" / "reports").glob("*.jsonl"))
        for line in segment.read_text().splitlines()
    ]


def reports(folder: Path) -> list[dict[str, Any]]:
    """The executions among them, in the order in which they began."""
    return sorted((record for record in records(folder) if "task" in record), key=lambda record: record["start"])

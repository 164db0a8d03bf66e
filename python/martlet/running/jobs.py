"""Tasks that run as programs of their own, inside a sandbox or as jobs: what the program is told."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .. import time_limit
from ..task import Task
from . import lineage
from .code import Code
from .options import Options
from .traits import Traits


class Jobs:
    """Writes the description of a job beside its result and its log, and names the command that runs it."""

    def __init__(self, tasks: Sequence[Task], traits: Sequence[Traits], options: Options, state: Path) -> None:
        self._tasks = tasks
        self._traits = traits
        self._options = options
        self._folder = state / "jobs"
        self._code = Code(options, state)

    def child(self, index: int, followers: Sequence[int]) -> str:
        """A JSON object for `Run.start_child`. `followers`: tasks that run as one with this one."""
        return json.dumps(self._prepare(index, followers, None))

    def job(self, index: int, followers: Sequence[int]) -> str:
        """A JSON object for `Run.start_job`."""
        # its time runs from its start in the batch system, of which the driver knows nothing
        prepared = self._prepare(index, followers, time_limit.of(self._tasks[index]))
        prepared["command"] = self._code.command(Path(prepared["result"]).with_name("job.json")) or prepared["command"]
        return json.dumps({**prepared, "system": self._options.batch})

    def _prepare(self, index: int, followers: Sequence[int], limit: float | None) -> dict[str, Any]:
        task = self._tasks[index]
        tag = f"martlet-{os.urandom(8).hex()}"
        folder = self._folder / tag
        folder.mkdir(parents=True)
        description = {
            "martlet": "job",
            "version": 1,
            "script": str(self._options.script.resolve()) if self._options.script else None,
            "path": [entry for entry in sys.path if entry],
            "root": str(self._code.root),
            "module": type(task).__module__,
            "family": task.task_family,
            "task": task.task_id,
            "params": task.to_str_params(),
            "followers": [self._tasks[follower].to_str_params() for follower in followers],
            "check_outputs": self._options.check_outputs,
            "checksum": self._traits[index].checksum,
            "time_limit": limit,
            "index": index,
            "within": lineage.told(task),
            "stores": self._options.stores,
            "result": str(folder / "result"),
        }
        (folder / "job.json").write_text(json.dumps(description, indent=1), encoding="utf-8")
        return {
            "tag": tag,
            "task": task.task_id,
            "command": [sys.executable, "-m", "martlet", "job", str(folder / "job.json")],
            "sandbox": self._traits[index].sandbox or "",
            "directory": os.getcwd(),
            "log": str(folder / "log"),
            "result": str(folder / "result"),
        }

"""Tasks that run as programs of their own, inside a sandbox or as jobs: what the program is told."""

from __future__ import annotations

import json
import os
import sys
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .. import _bridge, time_limit
from ..parameters import configured
from ..parameters.base import ParameterVisibility
from ..register import Register
from ..task import Task
from . import lineage, provenance, search_path
from .claims import Names
from .code import Code
from .describer import names_its_inputs
from .job_options import JobOptions
from .options import Options
from .traits import Traits


class Jobs:
    """Describes tasks to programs that run them: `martlet.job` reads that.

    A program of its own finds its description beside its result and its log. Those of jobs are put together by the
    engine, many tasks in a file: `Sources/MartletRuntime/JobFile.swift`.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        traits: Sequence[Traits],
        options: Options,
        state: Path,
        tell: Callable[[str], None],
        dependencies: Sequence[array[int] | None] = (),
    ) -> None:
        """`tell`: is given lines for whoever watches the run.

        `dependencies`: what tasks need that run as jobs of a batch system."""
        self._tasks = tasks
        self._traits = traits
        self._options = options
        self._dependencies = dependencies
        self._folder = state / "jobs"
        self._code = Code(options, state, tell)
        self._asked = JobOptions(options.jobs, options.batch, options.tasks_per_job)
        self._names = Names()

    def child(self, index: int, followers: Sequence[int]) -> str:
        """A JSON object for `Run.start_child`. `followers`: tasks that run as one with this one."""
        tag = f"martlet-{os.urandom(8).hex()}"
        folder = self._folder / tag
        folder.mkdir(parents=True)
        told = self._describe(index, followers)
        file = folder / "job.json"
        head, sandbox = self._head(), self._traits[index].sandbox or ""
        if sandbox.startswith("venv:"):
            head["path"] = search_path.of_the_user(head["path"])
        file.write_text(f"{json.dumps(head)}\n{json.dumps({'tasks': [told]})}\n", encoding="utf-8")
        return json.dumps(
            {
                "tag": tag,
                "task": told["task"],
                "command": [sys.executable, "-m", "martlet", "job", str(file), "0"],
                "sandbox": sandbox,
                "directory": os.getcwd(),
                "log": str(folder / "log"),
                "result": str(folder / "0.result"),
            }
        )

    def batch(self) -> str:
        """A JSON object for `Run.join_batch`."""
        command, files = self._code.command()
        return json.dumps(
            {
                "system": self._options.batch,
                "head": {**self._head(), **self._site()},
                "command": command,
                "files": files,
                "sources": self._code.sources(),
                "directory": os.getcwd(),
                "folder": str(self._folder),
                "parallel_jobs": self._options.parallel_jobs,
                "tasks_per_job": self._options.tasks_per_job,
                "pilots": self._options.pilots,
                "poll_interval": self._options.poll_interval,
                "leases": None if self._options.leases == "off" else self._leases(),
            }
        )

    def job(self, index: int, followers: Sequence[int]) -> str:
        """A JSON object for `Run.start_job`."""
        task = self._tasks[index]
        options = self._asked.of(task)
        told = {
            **self._describe(index, followers),
            # its time runs from its start in the job, of which the driver knows nothing
            "time_limit": time_limit.of(task),
            "resources": {str(name): float(amount) for name, amount in task.process_resources().items()},
            "job": {name: options[name] for name in ("cores", "memory") if name in options},
            **({} if followers else self._inputs(index)),
        }
        claims = self._claims(index, followers)
        request = {"task": told["task"], "description": told, "options": options, "claims": claims}
        if followers:
            request["followers"] = [self._tasks[follower].task_id for follower in followers]
        return json.dumps(request)

    def _leases(self) -> dict[str, Any]:
        return {"kind": self._options.leases, "timeout": self._options.lease_timeout}

    def _claims(self, index: int, followers: Sequence[int]) -> list[str]:
        """Under which names runs claim the task, and those that run as one with it; nothing where one has none."""
        try:
            return [self._names.of(self._tasks[number]) for number in (index, *followers)]
        except Exception:  # user code: its job cannot be submitted again without a run
            return []

    def _head(self) -> dict[str, Any]:
        """What all programs of a run are told."""
        return {
            "martlet": "job",
            "version": 3,
            "script": str(self._options.script.resolve()) if self._options.script else None,
            "path": [self._code.place(entry) for entry in sys.path if entry],
            "root": str(self._code.root),
            "check_outputs": self._options.check_outputs,
            "stores": self._options.stores,
            "parameters": _configured(),
        }

    def _site(self) -> dict[str, Any]:
        """What jobs of a batch system are told besides: what they report, and where."""
        code = provenance.head(self._options.script, _bridge.version())["code"]
        state = os.path.abspath(self._folder.parent)
        return {"state": state, "code": code, "heartbeat": self._options.heartbeat}

    def _inputs(self, index: int) -> dict[str, Any]:
        """The member of its report that says what it needs (docs/reports.md); nothing where it needs nothing."""
        needed = self._dependencies[index] if index < len(self._dependencies) else None
        if not needed:
            return {}
        if names_its_inputs(needed):
            return {"inputs": [self._tasks[number].task_id for number in needed]}
        return {"needs": dict(Counter(self._tasks[number].task_family for number in needed))}

    def _describe(self, index: int, followers: Sequence[int]) -> dict[str, Any]:
        task = self._tasks[index]
        return {
            "module": type(task).__module__,
            "family": task.task_family,
            "task": task.task_id,
            "params": task.to_str_params(),
            "followers": [self._tasks[follower].to_str_params() for follower in followers],
            "checksum": self._traits[index].checksum,
            "within": lineage.told(task),
            **_branches((task, *(self._tasks[follower] for follower in followers))),
        }


def _configured() -> dict[str, dict[str, Any]]:
    """By family and name: values that tasks get which a job makes because its own task needs them."""
    found: dict[str, dict[str, Any]] = {}
    for family, _, name, parameter in Register.get_all_params():
        if parameter.visibility == ParameterVisibility.PRIVATE:
            continue
        value = configured.told(family, name)
        if value is not None:
            found.setdefault(family, {})[name] = value
    return found


def _branches(tasks: Sequence[Task]) -> dict[str, Any]:
    """What branches of workflows are about; nothing of other tasks."""
    if "martlet.workflow.workflow" not in sys.modules:
        return {}
    from ..workflow import parcel  # only for those who have workflows

    data = [parcel.packed(task) for task in tasks]
    return {"branch_data": data} if any(data) else {}

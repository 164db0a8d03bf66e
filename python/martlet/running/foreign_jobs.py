"""Jobs that earlier runs have left in other batch systems than this run's own: what they do is not done here, too."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import _bridge
from ..diagnostics import Code, Diagnostic, MartletError
from . import claims, lineage
from .completeness import Fault, Kind

if TYPE_CHECKING:
    from pathlib import Path

    from .._bridge import Run
    from .options import Options
    from .plan import Planner


class ForeignJobs:
    """Finds tasks that a job in another batch system may be doing, or may yet do.

    The ledger tells which tasks have such jobs; a system is asked, once, when this run is about to run one of them.
    """

    def __init__(self, run: Run, planner: Planner, options: Options, state: Path) -> None:
        self._run = run
        self._planner = planner
        self._own = options.batch
        self._shares = options.leases != "off"
        self._state = str(state)
        self._systems: dict[str, str] | None = None
        """By the ids of tasks, where the ledger has jobs of them; None: it was not read yet."""
        self._told: dict[str, Mapping[str, Any]] = {}
        """By system, what it has told."""

    def in_the_way(self, indices: Sequence[int], *, anew: bool = False) -> dict[int, Fault]:
        """Those of the tasks, which are about to run, that must not, and why.

        `anew`: other runs have had to do with them meanwhile. Raises MartletError for unreadable records.
        """
        if anew:
            self._systems = None
            self._told.clear()
        if not indices:
            return {}
        if self._systems is None:
            self._systems = self._open_tasks()
        if not self._systems:
            return {}
        wanted = {index: task for index in indices if (task := self._id(index)) in self._systems}
        held = self._held(wanted)
        jobs = {index: job for index, task in wanted.items() if task not in held and (job := self._job(task))}
        reported = self._reported([wanted[index] for index in jobs if self._planner.kinds[index] >= Kind.BY_REPORT])
        return {
            index: Fault(self._cause(wanted[index], job), "", has_job=True)
            for index, job in jobs.items()
            if wanted[index] not in reported
        }

    def _open_tasks(self) -> dict[str, str]:
        try:
            os.stat(f"{self._state}/ledger")
        except (FileNotFoundError, NotADirectoryError):  # by far the most runs
            return {}
        except OSError:
            pass  # the ledger tells what is wrong
        told = self._ask("open tasks", besides=self._own)
        return {task: system for system, tasks in told.items() for task in tasks}

    def _job(self, task: str) -> Mapping[str, Any] | None:
        """The job of a task that may live; None where there is none."""
        system = self._system_of(task)
        if system not in self._told:
            self._told[system] = self._ask("living jobs", system=system)
        job: Mapping[str, Any] | None = self._told[system]["jobs"].get(task)
        return job

    def _cause(self, task: str, job: Mapping[str, Any]) -> str:
        system = self._system_of(task)
        how = f"{job['state']}: {job['reason']}" if job["reason"] else job["state"]
        if job["state"] == "unknown":
            how = "; ".join(self._told[system]["gaps"]) or "it is not known how it is"
        return (
            f"it has a job in {system}, {job['job']} ({how}), and would be done twice: "
            f"`--batch {system}` goes on with it, `martlet jobs cancel {job['tag']}` ends all jobs of its submission"
        )

    def _system_of(self, task: str) -> str:
        return (self._systems or {})[task]

    def _held(self, wanted: Mapping[int, str]) -> frozenset[str]:
        """Tasks that another run is at work on: they are waited for."""
        if not (wanted and self._shares):
            return frozenset()
        tasks = self._planner.tasks
        names = {task: claims.name(tasks[index]) for index, task in wanted.items()}
        level = lineage.innermost()
        own = level.file.removesuffix(".claims") if level is not None and level.run is self._run else None
        return frozenset(self._ask("held", tasks=names, besides=own))

    def _reported(self, tasks: Sequence[str]) -> frozenset[str]:
        """Those whose newest report is of a success. It is asked for before the plan knows of reports."""
        if not tasks:
            return frozenset()
        told = _bridge.history(self._state, {task: task for task in tasks})
        return frozenset(
            task for task in tasks if (ran := told[task]["executions"]) and ran[-1]["outcome"] == "done"
        )

    def _id(self, index: int) -> str:
        try:
            return str(self._planner.tasks[index].task_id)
        except Exception:  # user code; whoever needs the id for more tells of it
            return ""

    def _ask(self, question: str, **words: Any) -> Any:
        told = _bridge.ask_records(self._state, {"ask": question, **words})
        if "answer" not in told:
            refused = told["refused"]
            raise MartletError(Diagnostic(Code.STATE_UNREADABLE, self._state, refused["line"], refused["hint"]))
        return told["answer"]

"""Why tasks would run, wait or cannot run, from a plan, records and leases; nothing is touched."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ..diagnostics import Code, Diagnostic, MartletError, did_you_mean
from ..running.reporter import PlannedTask
from . import drift, terminal
from .dryrun import Plan, refuse_cycle
from .plain import tasks as counted

MOST_TASKS = 50
MOST_NAMES = 5
MOST_EXECUTIONS = 3

History = Mapping[str, Mapping[str, Any]]
"""By task id, what `martlet explain --json` prints."""


class Explanation:
    """What is known of the tasks that fit some texts: families, titles, task ids, or patterns of these."""

    def __init__(self, plan: Plan, wanted: Sequence[str], history: Callable[[dict[str, str]], History]) -> None:
        """`history` is asked once, with ids and the names under which runs claim tasks.

        Raises MartletError for a text that fits no task of the plan, and for a cycle, as a run does."""
        refuse_cycle(plan)
        self._plan = plan
        self.tasks = [task for text in dict.fromkeys(wanted) for task in _fitting(plan.tasks, text)]
        chains = [step for task in self.tasks[:MOST_TASKS] for step in self._behind(task)]
        name = plan.claim_name
        told = {task.task_id: name(task.index) if name else task.task_id for task in (*self.tasks, *chains)}
        self._history = history(told)
        self._needed_by: dict[int, list[int]] = {}
        for index, needs in enumerate(plan.needs):
            for needed in needs or ():
                self._needed_by.setdefault(needed, []).append(index)

    def text(self, *, verbose: bool = False) -> str:
        """One paragraph a task, of many the first."""
        shown = self.tasks if verbose else self.tasks[:MOST_TASKS]
        blocks = ["\n".join(self._lines(task)) for task in shown]
        if len(self.tasks) > len(shown):
            blocks.append(f"… and {len(self.tasks) - len(shown)} more (-v lists them)")
        return "\n\n".join(blocks)

    def json(self) -> str:
        """All of it, for programs."""
        return json.dumps([self._members(task) for task in self.tasks], indent=1)

    def _lines(self, task: PlannedTask) -> list[str]:
        held = self._history.get(task.task_id, {}).get("held")
        lines = [task.title, *([f"  {held['words']}"] if held else []), f"  {_verdict(task, bool(held))}"]
        lines += [f"  stale: {words}" for words in self._stale(task)]
        for depth, step in enumerate(self._behind(task)):
            lines.append(f"{'  ' * (depth + 2)}{step.title}: {step.state}: {step.reason}")
        needs, waits = self._needs(task)
        if waits and task.state == "waiting":
            names = _names([self._plan.tasks[index].title for index in waits])
            lines.append(f"  waits for {len(waits)} of the {counted(len(needs))} it needs: {names}")
        if direct := self._needed_by.get(task.index, []):
            beyond = len(self._dependents(task.index)) - len(direct)
            also = f", and {beyond} more through these" if beyond else ""
            lines.append(f"  needed by {_names([self._plan.tasks[index].title for index in direct])}{also}")
        told = [task, *self._behind(task)[-1:]]
        for one in told:
            lines += _past(one, self._history.get(one.task_id, {}), other=one is not task)
        return lines

    def _members(self, task: PlannedTask) -> dict[str, Any]:
        needs, waits = self._needs(task)
        return {
            "task": task.task_id,
            "title": task.title,
            "family": task.family,
            "state": task.state,
            "reason": task.reason,
            "stale": self._stale(task),
            "behind": [step.task_id for step in self._behind(task)],
            "needs": len(needs),
            "waits_for": [self._plan.tasks[index].task_id for index in waits],
            "needed_by": [self._plan.tasks[index].task_id for index in self._needed_by.get(task.index, [])],
            "dependents": len(self._dependents(task.index)),
            **{
                name: value
                for name, value in self._history.get(task.task_id, {}).items()
                if name in ("executions", "held", "unrun")
            },
        }

    def _stale(self, task: PlannedTask) -> list[str]:
        """What has changed since a complete task was made, if the plan knows."""
        found = self._plan.differences
        if task.state != "present" or not found or found[task.index].report != "done":
            return []
        return drift.told(found[task.index], found)

    def _needs(self, task: PlannedTask) -> tuple[Sequence[int], list[int]]:
        """What a task needs, and what of it is not complete."""
        needs = self._plan.needs[task.index] or ()
        return needs, [index for index in needs if self._plan.tasks[index].state != "present"]

    def _behind(self, task: PlannedTask) -> list[PlannedTask]:
        """The tasks behind the reason, up to the root of the trouble."""
        steps: list[PlannedTask] = []
        while task.behind is not None and task.behind not in [step.index for step in steps]:
            task = self._plan.tasks[task.behind]
            steps.append(task)
        return steps

    def _dependents(self, index: int) -> set[int]:
        """All that need a task, directly or through others."""
        found: set[int] = set()
        stack = [index]
        while stack:
            for dependent in self._needed_by.get(stack.pop(), ()):
                if dependent not in found:
                    found.add(dependent)
                    stack.append(dependent)
        return found


def _fitting(tasks: Sequence[PlannedTask], text: str) -> list[PlannedTask]:
    exact = [task for task in tasks if text in (task.task_id, task.title, task.family)]
    found = exact or [
        task
        for task in tasks
        if task.task_id.startswith(text)
        or any(fnmatchcase(name, text) for name in (task.task_id, task.title, task.family))
    ]
    if not found:
        names = dict.fromkeys(name for task in tasks for name in (task.family, task.title))
        cause = "nothing that was asked for needs such a task"
        hint = did_you_mean(text, names) or f"families of this run: {', '.join({task.family: 0 for task in tasks})}"
        raise MartletError(Diagnostic(Code.UNKNOWN_TASK, f"--explain {text}", cause, hint))
    return found


def _verdict(task: PlannedTask, is_held: bool) -> str:
    if task.state == "present":
        return "does not run: it is complete"
    if task.state == "waiting":
        if is_held:
            return f"a run that is started now waits for that: {task.reason}"
        return f"will run: {task.reason}"
    return f"cannot run, {task.state}: {task.reason}" if task.state != "withheld" else f"will not run: {task.reason}"


def _names(titles: Sequence[str]) -> str:
    shown = ", ".join(titles[:MOST_NAMES])
    return f"{shown} and {len(titles) - MOST_NAMES} more" if len(titles) > MOST_NAMES else shown


def _past(task: PlannedTask, told: Mapping[str, Any], *, other: bool) -> list[str]:
    """What is recorded of a task, the newest first."""
    executions: Sequence[Mapping[str, Any]] = told.get("executions", ())
    of = f" {task.title}" if other else ""
    lines = []
    if unrun := told.get("unrun"):
        lines.append(f"  in the last run{of} was {unrun['state']}{': ' + unrun['cause'] if unrun['cause'] else ''}")
    for execution in list(reversed(executions))[:MOST_EXECUTIONS]:
        cause = f": {execution['cause']}" if execution["cause"] else ""
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(execution["start"] / 1e9))
        took = terminal.duration(execution["wall"])
        lines.append(f"  ran before{of}, on {when}, in {took}: {execution['outcome']}{cause}")
    if len(executions) > MOST_EXECUTIONS:
        lines.append(f"  … and {len(executions) - MOST_EXECUTIONS} more executions: martlet explain {task.task_id}")
    elif executions and executions[-1]["outcome"] == "failed":
        lines.append(f"  what it printed: martlet logs {task.task_id}")
    return lines

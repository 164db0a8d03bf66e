"""A run loop of a few lines with the interface of `martlet.running.build`: one task after the other, here."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Plan:
    tasks: list[Any] = field(default_factory=list)
    families: list[Any] = field(default_factory=list)
    endings: list[Any] = field(default_factory=list)
    cycle: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    needs: list[list[int] | None] = field(default_factory=list)


def _flat(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, dict):
        value = list(value.values())
    return [one for entry in value for one in _flat(entry)] if isinstance(value, (list, tuple)) else [value]


class _Walk:
    def __init__(self, options: Any) -> None:
        self.options = options
        self.order: list[Any] = []
        self.state: dict[Any, str] = {}

    def visit(self, task: Any) -> None:
        if task in self.state:
            return
        forced = any(pattern in (task.task_id, task.get_task_family()) for pattern in self.options.force)
        complete = bool(_flat(task.output())) and all(output.exists() for output in _flat(task.output()))
        self.state[task] = "present" if complete and not forced else "waiting"
        if self.state[task] == "waiting":
            for needed in _flat(task.requires()):
                self.visit(needed)
        self.order.append(task)


def plan(tasks: Any, options: Any, reporter: Any) -> Plan:
    from martlet.running.reporter import PlannedTask

    walk = _Walk(options)
    for task in tasks:
        walk.visit(task)
    return Plan(
        [
            PlannedTask(
                number, task.task_id, repr(task), task.get_task_family(), walk.state[task], "output is not there"
            )
            for number, task in enumerate(walk.order)
        ]
    )


def run(tasks: Any, options: Any, reporter: Any, witness: Any = None) -> Any:
    from martlet.running.result import Ending, ExitCode, FamilyCount, RunResult

    begun = time.monotonic()
    walk = _Walk(options)
    for task in tasks:
        walk.visit(task)
    counts: dict[str, dict[str, int]] = {}
    endings: list[Any] = []
    notes: list[str] = []
    bad: dict[Any, int] = {}
    reporter.planned((), sum(1 for state in walk.state.values() if state == "waiting"))
    for number, task in enumerate(walk.order):
        state = walk.state[task]
        if state == "waiting":
            behind = next((bad[needed] for needed in _flat(task.requires()) if needed in bad), None)
            if behind is not None:
                state = "blocked"
                bad[task] = behind
                endings.append(Ending(number, task.task_id, repr(task), "blocked", "", root=behind))
            else:
                reporter.started_here(task)
                try:
                    task.run()
                    state = "done"
                    if not all(output.exists() for output in _flat(task.output())):
                        notes.append(f"{task!r} returned without having made {_flat(task.output())[0].path}")
                except Exception as error:  # the task under test may raise anything
                    state = "failed"
                    bad[task] = number
                    cause = f"{type(error).__name__}: {error}"
                    endings.append(
                        Ending(number, task.task_id, repr(task), "failed", cause, traceback.format_exc().rstrip())
                    )
        family = counts.setdefault(task.get_task_family(), {})
        family[state] = family.get(state, 0) + 1
    families = tuple(FamilyCount(name, **numbers) for name, numbers in counts.items())
    result = RunResult(
        ExitCode.FAILED if endings else ExitCode.OK,
        families,
        tuple(endings),
        tuple(notes),
        time.monotonic() - begun,
        str(options.state),
    )
    reporter.finished(result)
    return result

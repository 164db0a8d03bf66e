"""What is to be known of a run when it has ended, beside its executions: who never got their turn, and why."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING

from .. import _bridge
from .describer import Describer, encode
from .states import ReasonCode, State

if TYPE_CHECKING:
    from .._bridge import Run
    from .plan import Planner

MOST = 10_000
"""Tasks that are recorded one by one; the rest is counted by family."""
_STATES = {State.MISSING: "missing", State.BROKEN: "broken", State.BLOCKED: "blocked", State.WITHHELD: "withheld"}
_TASK = '"task":'


def record(run: Run, planner: Planner, left: Collection[int] = ()) -> None:
    """Records who never got their turn, and how many tasks of each family ended how.

    `left`: tasks whose jobs go on without this run.
    """
    states = run.states()
    if not any(bytes((state,)) in states for state in _STATES):
        return
    counts: dict[str, Counter[str]] = {}
    for index, number in enumerate(states):
        if index < len(planner.traits):
            family = planner.families[planner.traits[index].family]
            counts.setdefault(family, Counter())[State(number).name.lower()] += 1
    unrun = [index for index, number in enumerate(states) if number in _STATES and index not in left]
    if not unrun:
        return
    words = _Words(run, planner, time.time_ns())
    lines = [line for index in unrun[:MOST] if (line := words.line(index, State(states[index])))]
    rest = Counter(planner.families[planner.traits[index].family] for index in unrun[MOST:])
    end = {"run": "ended", "at": words.at, "counts": {family: dict(count) for family, count in counts.items()}}
    lines.append(encode({**end, "rest": dict(rest)} if rest else end))
    run.note_records("\n".join(lines).encode("utf-8", "backslashreplace"))


class _Words:
    def __init__(self, run: Run, planner: Planner, at: int) -> None:
        self.at = at
        self._run = run
        self._planner = planner
        self._describer = Describer()
        self._names = _bridge.vocabulary()["reasons"]

    def line(self, index: int, state: State) -> str:
        """The members of one record; empty where there is nothing to explain."""
        reason = json.loads(self._run.reason(index))
        if reason["code"] == ReasonCode.NOT_NEEDED:
            return ""
        task = self._describer.members(index, self._planner.tasks[index])
        why = [self._names[reason["code"]]]
        if reason["task"] is not None:
            why.append(self._planner.tasks[reason["task"]].task_id)
        members = {"state": _STATES[state], "why": why, "at": self.at}
        if cause := self._cause(index, state):
            members["cause"] = cause
        return f'"unrun":{task.removeprefix(_TASK)},{encode(members)}'

    def _cause(self, index: int, state: State) -> str:
        fault = self._planner.faults.get(index)
        if fault is not None:
            return fault.cause
        if state != State.MISSING:
            return ""
        try:
            return f"external, and {self._planner.first_absent(index)} is not there"
        except Exception:  # user code; that it is missing is said already
            return ""

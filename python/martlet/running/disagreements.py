"""Where reports and outputs say different things of tasks whose reports decide and whose outputs are verified."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .absent import first_absent
from .completeness import Kind
from .states import ReasonCode, State
from .title import title

if TYPE_CHECKING:
    from .._bridge import Run
    from .plan import Planner

_MOST = 3
_VERIFIED = (Kind.BY_REPORT_THERE, Kind.BY_REPORT_ABSENT)
_WILL_RUN = (State.WAITING, State.READY, State.ELSEWHERE)


def disagreements(run: Run, planner: Planner) -> list[str]:
    """One line for each kind of disagreement: of which tasks, and what is done about it. Needs a complete plan."""
    verified = [index for index, kind in enumerate(planner.kinds) if kind in _VERIFIED]
    if not verified:
        return []
    states = run.states()
    gone: list[int] = []
    unreported: list[int] = []
    for index in verified:
        code = json.loads(run.reason(index))["code"]
        if code == ReasonCode.UNREPORTED:
            unreported.append(index)
        elif planner.kinds[index] == Kind.BY_REPORT_ABSENT and planner.reports.is_done(index):
            gone.append(index)
    lines = []
    if gone:
        named = f"{_named(gone, planner)} ({first_absent(planner.tasks[gone[0]])})"
        lines.append(f"reports say done, and outputs are gone: {named}; {_done(gone, states)}")
    if unreported:
        named = f"{_named(unreported, planner)}; {_done(unreported, states)}"
        way_out = "\n  hint: --complete-by targets takes them as they are"
        lines.append(f"outputs are there, and no report tells of them: {named}{way_out}")
    return lines


def _named(indices: Sequence[int], planner: Planner) -> str:
    shown = ", ".join(title(planner.tasks[index]) for index in indices[:_MOST])
    return f"{shown} and {len(indices) - _MOST} more" if len(indices) > _MOST else shown


def _done(indices: Sequence[int], states: bytes) -> str:
    running = sum(State(states[index]) in _WILL_RUN for index in indices)
    if running == len(indices):
        return "made again" if running == 1 else "all are made again"
    return f"{running} of them are made again, nothing needs the others" if running else "nothing needs them, so far"

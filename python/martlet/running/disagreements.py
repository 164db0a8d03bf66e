"""Where reports and outputs say different things of tasks whose reports decide and whose outputs are verified."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .. import _bridge
from ..structure import flatten
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
    renamed, gone = _renamed(gone, planner)
    for tasks, names in renamed:
        named = f"{_named(tasks, planner)} ({names})"
        lines.append(f"outputs have other names than their reports say: {named}; {_done(tasks, states)}")
    if gone:
        named = f"{_named(gone, planner)} ({first_absent(planner.tasks[gone[0]])})"
        lines.append(f"reports say done, and outputs are gone: {named}; {_done(gone, states)}")
    if unreported:
        named = f"{_named(unreported, planner)}; {_done(unreported, states)}"
        way_out = "\n  hint: --complete-by targets takes them as they are"
        lines.append(f"outputs are there, and no report tells of them: {named}{way_out}")
    return lines


def _renamed(gone: Sequence[int], planner: Planner) -> tuple[list[tuple[list[int], str]], list[int]]:
    """Tasks whose class names other files than their reports, by family, with the first such names; and the others.

    One of each family is looked at: its class says what they are called.
    """
    families: dict[int, list[int]] = {}
    for index in gone:
        families.setdefault(planner.traits[index].family, []).append(index)
    renamed: list[tuple[list[int], str]] = []
    others: list[int] = []
    for tasks in families.values():
        names = _other_names(tasks[0], planner)
        if names:
            renamed.append((tasks, names))
        else:
            others += tasks
    return renamed, others


def _other_names(index: int, planner: Planner) -> str:
    """What a task's report names that it does not name any more, and what it names in its place; empty for nothing."""
    task = planner.tasks[index]
    try:
        now = [_bridge.without_credentials(at) for one in flatten(task.output()) for at in one.bulk_locations() or ()]
    except Exception:  # user code: nothing can be said of it
        return ""
    then = planner.reports.outputs(index)
    lost = [name for name in then if name not in now]
    new = [name for name in now if name not in then]
    return f"{lost[0]} in its report, {new[0]} by its class" if lost and new else ""


def _named(indices: Sequence[int], planner: Planner) -> str:
    shown = ", ".join(title(planner.tasks[index]) for index in indices[:_MOST])
    return f"{shown} and {len(indices) - _MOST} more" if len(indices) > _MOST else shown


def _done(indices: Sequence[int], states: bytes) -> str:
    running = sum(State(states[index]) in _WILL_RUN for index in indices)
    if running == len(indices):
        return "made again" if running == 1 else "all are made again"
    return f"{running} of them are made again, nothing needs the others" if running else "nothing needs them, so far"

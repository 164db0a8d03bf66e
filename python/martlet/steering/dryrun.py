"""What a run would do and why, from a plan; nothing is touched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TextIO

from ..diagnostics import Code, Diagnostic, MartletError
from ..running.differences import Difference
from ..running.reporter import PlannedTask
from ..running.result import Ending, ExitCode, FamilyCount
from . import summary
from .plain import tasks

MOST_EXAMPLES = 3


class Plan(Protocol):
    """What is known of a run before it starts."""

    @property
    def tasks(self) -> Sequence[PlannedTask]: ...

    @property
    def families(self) -> Sequence[FamilyCount]: ...

    @property
    def endings(self) -> Sequence[Ending]:
        """Tasks that cannot run."""

    @property
    def cycle(self) -> Sequence[str]:
        """Titles along a circle of requirements: each needs the next, the last the first; empty without one."""

    @property
    def needs(self) -> Sequence[Sequence[int] | None]:
        """By task, the tasks that it needs; None where that was not asked."""

    @property
    def claim_name(self) -> Callable[[int], str] | None:
        """The name under which runs claim the task of an index."""

    @property
    def differences(self) -> Sequence[Difference]:
        """What has changed since the reports of all tasks, where that was asked."""

    @property
    def instances(self) -> Sequence[Any]:
        """The tasks themselves."""

    @property
    def roots(self) -> Sequence[int]:
        """Indices of the tasks that were asked for."""

    @property
    def notes(self) -> Sequence[str]:
        """Hints that are no errors."""


def text(plan: Plan, stream: TextIO, *, verbose: bool = False) -> str:
    """The plan in words, per family with the first examples; every task if `verbose`.

    Raises MartletError for a cycle, as a run does.
    """
    refuse_cycle(plan)
    would_run = [task for task in plan.tasks if task.state == "waiting"]
    blocks = [_first_line(plan, len(would_run))]
    blocks += _by_family(would_run, verbose)
    withheld = [task for task in plan.tasks if task.state == "withheld"]
    if withheld:
        blocks.append(f"would not start: {tasks(len(withheld))}")
        blocks += _by_family(withheld, verbose)
    for cluster in summary.clusters(ending for ending in plan.endings if ending.has_job):
        first, count = cluster.endings[0], len(cluster.endings)
        blocks.append(f"would not run: {first.title}{f' and {count - 1} more' if count > 1 else ''}: {cluster.cause}")
    for state, heading in (("broken", "could not be planned"), ("missing", "missing external data")):
        endings = [ending for ending in plan.endings if ending.state == state and not ending.has_job]
        shown = endings if verbose else endings[:MOST_EXAMPLES]
        for ending in shown:
            blocks.append(f"{heading}: {ending.title}: {ending.cause}")
            blocks += ["    " + line for line in summary.shortened(ending.details)] if ending.details else []
        if len(endings) > len(shown):
            blocks.append(f"  … and {len(endings) - len(shown)} more (-v lists them)")
    if plan.notes:
        blocks.append(summary.notes(plan.notes, verbose))
    return "\n".join(blocks)


def refuse_cycle(plan: Plan) -> None:
    """Raises MartletError for a cycle, as a run does."""
    if plan.cycle:
        path = " → ".join([*plan.cycle, plan.cycle[0]])
        raise MartletError(Diagnostic(Code.CYCLE, plan.cycle[0], path))


def exit_code(plan: Plan) -> ExitCode:
    """0 when the run could be done, else what stands in its way."""
    states = {ending.state for ending in plan.endings if not ending.is_spared}
    if "broken" in states:
        return ExitCode.BROKEN
    return ExitCode.MISSING if "missing" in states else ExitCode.OK


def _first_line(plan: Plan, would_run: int) -> str:
    present = sum(1 for task in plan.tasks if task.state == "present")
    total = len(plan.tasks)
    if not would_run and present == total:
        return "Nothing to do: the task is complete" if total == 1 else f"Nothing to do: all {total} tasks are complete"
    there = f", {present} already there" if present else ""
    return f"Would run {would_run} of {tasks(total)}{there}:" if would_run else f"Would run nothing{there}"


def _by_family(planned: Sequence[PlannedTask], verbose: bool) -> list[str]:
    families: dict[str, list[PlannedTask]] = {}
    for task in planned:
        families.setdefault(task.family, []).append(task)
    lines = []
    for family, members in families.items():
        lines.append(f"  {family}: {len(members)}")
        shown = members if verbose else members[:MOST_EXAMPLES]
        for task in shown:
            lines.append(f"    {task.title}: {task.reason}")
            lines += [f"      $ {task.command()}"] if task.command is not None and task.state == "waiting" else []
        if len(members) > len(shown):
            lines.append(f"    … and {len(members) - len(shown)} more (-v lists them)")
    return lines

"""How the tasks of a run ended, gathered from engine and planner."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .excess import excess
from .reasons import Reason, words
from .result import Ending, ExitCode, FamilyCount, RunResult
from .states import ReasonCode, State
from .title import title

if TYPE_CHECKING:
    from .._bridge import Run
    from .plan import Planner

_NAMES = {
    State.FAILED: "failed",
    State.MISSING: "missing",
    State.BROKEN: "broken",
    State.BLOCKED: "blocked",
    State.WITHHELD: "withheld",
}


class Endings:
    """Every task that did not simply succeed."""

    def __init__(self, run: Run, planner: Planner) -> None:
        self._run = run
        self._planner = planner

    def result(self, families: Sequence[FamilyCount], elapsed: float, state: str) -> RunResult:
        """The whole run."""
        summary = json.loads(self._run.summary())
        endings = self._read(summary)
        tasks = self._planner.tasks
        interrupted = summary["interrupted"] and any(ending.state != "present" for ending in endings)
        return RunResult(
            exit_code=_exit_code(endings, interrupted, self._open_ends(summary)),
            families=tuple(families),
            endings=tuple(endings),
            notes=(
                *self._planner.shared.notes,
                *(text if index is None else f"{title(tasks[index])}: {text}" for index, text in summary["notes"]),
            ),
            elapsed=elapsed,
            state=state,
            interrupted=interrupted,
            retried=tuple(summary["retried"]),
        )

    def all(self) -> list[Ending]:
        """The endings so far."""
        return self._read(json.loads(self._run.summary()))

    def _read(self, summary: dict[str, Any]) -> list[Ending]:
        rows: list[Any] = summary["endings"]
        spared = self._spared({row[0] for row in rows})
        return [self._ending(row[0] in spared, *row) for row in rows]

    def _spared(self, lacking: set[int]) -> set[int]:
        """Those of the tasks that were not made whom only workflows miss that are complete without them."""
        planner = self._planner
        if not lacking or not any(traits.whole for traits in planner.traits):
            return set()
        missed_by: dict[int, list[int]] = {index: [] for index in lacking}
        for index, needed in enumerate(planner.dependencies):
            for other in (*(needed or ()), *planner.shared.asked_by(index)):
                if other in lacking:
                    missed_by[other].append(index)
        spared = {index for index in lacking.difference(planner.roots) if missed_by[index]}

        def can_do_without(task: int) -> bool:
            return task in spared or (task not in lacking and planner.traits[task].whole)

        while missed := {index for index in spared if not all(map(can_do_without, missed_by[index]))}:
            spared -= missed
        return spared

    def _ending(
        self, is_spared: bool, index: int, state: int, reason: int, subject: int | None, text: str, log: str
    ) -> Ending:
        task = self._planner.tasks[index]
        fault = self._planner.faults.get(index)
        cause, _, details = text.partition("\n\n")
        if fault is not None:
            cause, details = fault.cause, fault.details
        elif not cause:
            cause = words(
                Reason(ReasonCode(reason), subject),
                lambda other: title(self._planner.tasks[other]),
                lambda: self._planner.first_absent(index),
                lambda: excess(task, self._planner.limits),
            )
        return Ending(
            index=index,
            task_id=task.task_id,
            title=title(task),
            state="interrupted" if reason == ReasonCode.INTERRUPTED_WHILE_RUNNING else _NAMES[State(state)],
            cause=cause,
            details=details,
            log=log,
            root=subject if state == State.BLOCKED else None,
            is_unseen=fault is not None and fault.is_unseen,
            is_spared=is_spared,
        )

    @staticmethod
    def _open_ends(summary: dict[str, list[list[object]]]) -> bool:
        """Whether something was left undone on request: --until, --fail-fast."""
        return any(reason == ReasonCode.FAIL_FAST for _, _, reason, *_ in summary["endings"])


def _exit_code(endings: Sequence[Ending], interrupted: bool, stopped: bool) -> ExitCode:
    states = {ending.state for ending in endings if not ending.is_spared}
    if interrupted:
        return ExitCode.INTERRUPTED
    if "failed" in states or stopped:
        return ExitCode.FAILED
    if "broken" in states:
        return ExitCode.BROKEN
    if "missing" in states:
        return ExitCode.MISSING
    return ExitCode.OK

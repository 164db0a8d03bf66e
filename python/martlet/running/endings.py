"""How the tasks of a run ended, gathered from engine and planner."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .excess import excess
from .reasons import Reason, words
from .result import Ending, ExitCode, FamilyCount, LeftJobs, RunResult
from .states import ReasonCode, State
from .title import title

if TYPE_CHECKING:
    from .._bridge import Run
    from .batch_view import BatchView
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

    def result(
        self, families: Sequence[FamilyCount], elapsed: float, state: str, *, left_off: bool = False,
        batch: BatchView | None = None, told: Sequence[str] = (),
    ) -> RunResult:
        """The whole run.

        `left_off`: it did not wait for its jobs, as it was asked to; `batch`: its jobs at the end; `told`: notes that
        the reporter was told.
        """
        summary = json.loads(self._run.summary())
        endings = self._read(summary, left_off)
        tasks = self._planner.tasks
        interrupted = summary["interrupted"] and not left_off and any(ending.state != "present" for ending in endings)
        code = _exit_code(endings, interrupted, self._open_ends(summary))
        if code == ExitCode.OK and left_off and any(ending.state in ("left", "withheld") for ending in endings):
            code = ExitCode.LEFT
        return RunResult(
            exit_code=code,
            families=self._with_left(families, summary["left"]["tasks"]),
            batch=batch,
            left=_left_jobs(summary["left"]),
            endings=tuple(endings),
            notes=(
                *self._planner.shared.notes,
                *(text if index is None else f"{title(tasks[index])}: {text}" for index, text in summary["notes"]),
            ),
            notes_told=tuple(told),
            elapsed=elapsed,
            state=state,
            interrupted=interrupted,
            retried=tuple(summary["retried"]),
        )

    def all(self) -> list[Ending]:
        """The endings so far."""
        return self._read(json.loads(self._run.summary()))

    def _read(self, summary: dict[str, Any], left_off: bool = False) -> list[Ending]:
        rows: list[Any] = summary["endings"]
        spared = self._spared({row[0] for row in rows})
        left = frozenset(summary["left"]["tasks"])
        said = {row[0]: row[4].partition("\n")[0] for row in rows}
        endings = [self._ending(said, row[0] in spared, *row) for row in rows]
        if left:
            cause = f"its job goes on in {summary['left']['system']}"
            endings = [one.replaced(state="left", cause=cause) if one.index in left else one for one in endings]
        if left_off:
            cause = "not started: jobs are awaited"
            stopped = {row[0] for row in rows if row[2] == ReasonCode.INTERRUPTED} - left
            endings = [one.replaced(cause=cause) if one.index in stopped else one for one in endings]
        return endings

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

    def _with_left(self, families: Sequence[FamilyCount], tasks: Sequence[int]) -> tuple[FamilyCount, ...]:
        """Families with those counted apart whose jobs go on: to the engine they were not let run."""
        planner = self._planner
        left = Counter(planner.families[planner.traits[index].family] for index in tasks)
        return tuple(
            family.replaced(left=count, withheld=family.withheld - count) if (count := left[family.family]) else family
            for family in families
        )

    def _ending(
        self, said: Mapping[int, str], is_spared: bool, index: int, state: int, reason: int, subject: int | None,
        text: str, log: str, offset: int, length: int,
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
                said=lambda other: said.get(other, ""),
            )
        return Ending(
            index=index,
            task_id=task.task_id,
            title=title(task),
            state="interrupted" if reason == ReasonCode.INTERRUPTED_WHILE_RUNNING else _NAMES[State(state)],
            cause=cause,
            details=details,
            log=log,
            log_offset=offset,
            log_length=length,
            root=subject if state == State.BLOCKED else None,
            is_unseen=fault is not None and fault.is_unseen,
            has_job=fault is not None and fault.has_job,
            is_spared=is_spared,
        )

    @staticmethod
    def _open_ends(summary: dict[str, list[list[object]]]) -> bool:
        """Whether something was left undone since others have failed: --fail-fast, jobs that fail alike."""
        return any(reason in (ReasonCode.FAIL_FAST, ReasonCode.FAILED_ALIKE) for _, _, reason, *_ in summary["endings"])


def _left_jobs(left: dict[str, Any]) -> LeftJobs | None:
    counts = {name: left[name] for name in ("jobs", "unsubmitted", "held", "delayed", "elsewhere", "cancelled")}
    if not any(counts.values()):
        return None
    return LeftJobs(system=left["system"], tags=tuple(left["tags"]), **counts)


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

"""Plans and runs tasks: what every door ends in."""

from __future__ import annotations

import json
import os
import sys
import time
from array import array
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from .. import _bridge, user_frames
from ..command.prepared import shown
from ..data import Data
from ..diagnostics import Code, Diagnostic, MartletError
from ..task import Task
from . import claims, lineage, log_here, provenance
from .batch_view import BatchView
from .collector import Collector
from .differences import Difference, differences
from .disagreements import disagreements
from .endings import Endings
from .excess import excess
from .foreign_jobs import ForeignJobs
from .jobs import Jobs
from .live_notes import LiveNotes
from .log_here import LogHere
from .options import Options
from .plan import Planner
from .progress import Progress, counts
from .pump import Pump
from .reasons import Reason, words
from .reporter import PlannedTask, Reporter
from .result import Ending, ExitCode, FamilyCount, RunResult
from .shares import Shares
from .states import ReasonCode, State
from .streaming import Streaming, opens
from .title import title
from .witness import Account, Witness

_STATE_NAMES = {
    State.PRESENT: "present",
    State.WAITING: "waiting",
    State.READY: "waiting",
    State.ELSEWHERE: "waiting",
    State.MISSING: "missing",
    State.BROKEN: "broken",
    State.BLOCKED: "blocked",
    State.WITHHELD: "withheld",
}


class Plan(Data):
    """What would run and why; nothing was touched."""

    tasks: Sequence[PlannedTask]
    """In discovery order."""
    families: Sequence[FamilyCount]
    endings: Sequence[Ending]
    """Tasks that cannot run: broken, missing, blocked."""
    cycle: Sequence[str] = ()
    """Titles of tasks that need each other in a circle; each needs the next, the last the first."""
    notes: Sequence[str] = ()
    """Hints that are no errors."""
    needs: Sequence[Sequence[int] | None] = ()
    """By task, the tasks that it needs; None where that was not asked."""
    differences: Sequence[Difference] = ()
    """What has changed since the reports of all tasks, where that was asked (`Options.differences`)."""
    claim_name: Callable[[int], str] | None = None
    """The name under which runs claim the task of an index; None in a plan without tasks."""
    instances: Sequence[Task] = ()
    """The tasks themselves."""
    roots: Sequence[int] = ()
    """Indices of the tasks that were asked for."""


class _Session:
    """One engine and the plan it was given."""

    def __init__(
        self,
        tasks: Sequence[Task],
        options: Options,
        reporter: Reporter,
        collector: Collector,
        state: Path,
        leases: dict[str, object] | None = None,
        here: LogHere | None = None,
        *,
        runs: bool = True,
    ) -> None:
        """`leases`: how the run shares its analysis with others (`Driver.Options` in the runtime); None: not at all.

        `here`: what keeps the output of tasks that run in this process; None: nothing does.

        `runs`: the plan is one of what is to run, or would be.
        """
        self.begun = time.monotonic()
        self.here = here or LogHere()
        if options.batch is not None and options.batch not in _bridge.batch_systems():
            cause = f"no batch system has this name; there is {', '.join(_bridge.batch_systems())}"
            raise MartletError(Diagnostic(Code.FLAG_VALUE, f"--batch {options.batch}", cause))
        if left := lineage.resources_left():
            limits = dict(options.resources)
            options = options.replaced(
                resources={**limits, **{name: min(limits.get(name, most), most) for name, most in left.items()}}
            )
        self.options = options
        self.reporter = reporter
        shares = Shares(options)
        self.run = _bridge.Run(
            json.dumps(
                {
                    "slots": options.workers,
                    "fail_fast": options.fail_fast,
                    "around_cycles": options.around_cycles,
                    "limits": dict(options.resources),
                    "here": options.runs_here,
                    "tasks_per_worker": options.tasks_per_worker,
                    "log_here": self.here.path,
                    "follow_logs": options.show_logs,
                    **shares.limits(),
                    **({"leases": leases} if leases else {}),
                }
            )
        )
        if (maps := sys.modules.get("martlet.workflow.maps")) and lineage.innermost() is None:
            maps.forget()
        self.planner = Planner(self.run, options, reporter, collector, shares, state)
        if runs:
            self.planner.foreign_jobs = ForeignJobs(self.run, self.planner, options, state)
        self.endings = Endings(self.run, self.planner)
        self.notes = LiveNotes(reporter)
        self.planner.begin(tasks)
        self.streaming = Streaming(self.planner, self.run, options) if opens(self.planner, options) else None
        self.cycle: list[str] = []
        self.left_off = False
        """The run did not wait for its jobs, as it was asked to."""
        self.batch: BatchView | None = None
        """Its jobs at the end."""
        if self.streaming is None:
            self._plan_first()

    def _plan_first(self) -> None:
        self.planner.finish()
        self._check_force()
        cycle = self.run.planned(self.planner.roots.tobytes(), self._until().tobytes())
        self.cycle = [title(self.planner.tasks[index]) for index in array("i", cycle)]
        if self.planner.judges and not self.cycle:
            self.planner.shared.name_decided()
            self.planner.shared.refuse()

    def _until(self) -> array[int]:
        numbers = array("i")
        for family in self.options.until:
            number = self.planner.family_index(family)
            if number is None:
                raise MartletError(
                    Diagnostic(
                        Code.FLAG_VALUE,
                        f"--until {family}",
                        "no task of this family is needed by what was asked for",
                        f"families of this run: {', '.join(self.planner.families)}",
                    )
                )
            numbers.append(number)
        return numbers

    def _check_force(self) -> None:
        if self.planner.force_unmatched:
            pattern = min(self.planner.force_unmatched)
            raise MartletError(
                Diagnostic(
                    Code.FLAG_VALUE,
                    f"--force {pattern}",
                    "no task of this run has such a family or task id",
                    f"families of this run: {', '.join(self.planner.families)}; `Selection*` fits by pattern",
                )
            )

    def families(self) -> tuple[FamilyCount, ...]:
        snapshot = json.loads(self.run.snapshot())
        self.notes.take(snapshot["notes"])
        return counts(self.planner.families, snapshot["counts"], dict(snapshot["interrupted"]))

    def tell_plan(self) -> int:
        """Says what the plan holds, now that it is complete. Returns how many tasks run or have run."""
        families = self.families()
        to_run = sum(
            family.done + family.failed + family.interrupted + family.pending + family.running for family in families
        )
        self.reporter.planned(families, to_run)
        self.planner.shared.tell(self.reporter)
        for note in disagreements(self.run, self.planner):
            self.reporter.note(note)
        return to_run

    def account(self) -> Account:
        """Every task as it stands."""
        planner = self.planner
        return Account(planner.tasks, self.run.states(), planner.dependencies, planner.faults)

    def refuse_cycle(self) -> None:
        """Raises MartletError for a cycle, or tells of it where the run goes around it."""
        if not self.cycle:
            return
        diagnostic = Diagnostic(Code.CYCLE, self.cycle[0], " → ".join([*self.cycle, self.cycle[0]]))
        if not self.options.around_cycles:
            raise MartletError(diagnostic)
        self.reporter.note(diagnostic.text())


def plan(tasks: Sequence[Task], options: Options, reporter: Reporter) -> Plan:
    """Says what would run and why; with `options.dry_run` also what would not, since another batch system has jobs of
    it. Touches nothing.

    Raises MartletError when `tasks` holds something that is no task, or two tasks would make the same file.
    """
    with Collector() as collector:
        state = _state_directory(options)
        wanted = options.replaced(planning="first")
        return _look_ahead(_Session(tasks, wanted, reporter, collector, state, runs=options.dry_run))


def _look_ahead(session: _Session) -> Plan:
    if session.cycle:
        return Plan((), (), (), session.cycle)
    planner = session.planner
    states = session.run.states()
    planned = []
    for index, task in enumerate(planner.tasks):
        reason, behind = _reason(session, index)
        planned.append(
            PlannedTask(
                index=index,
                task_id=task.task_id,
                title=title(task),
                family=planner.families[planner.traits[index].family],
                state=_STATE_NAMES[State(states[index])],
                reason=reason,
                command=partial(_command, task) if planner.traits[index].command else None,
                behind=behind,
            )
        )
    endings = session.endings.all()
    return Plan(
        planned,
        session.families(),
        endings,
        notes=(*planner.shared.notes, *disagreements(session.run, planner)),
        differences=differences(session.run, planner) if session.options.differences else (),
        needs=planner.dependencies,
        claim_name=lambda index: claims.name(planner.tasks[index]),
        instances=planner.tasks,
        roots=planner.roots,
    )


def _command(task: Task) -> str:
    """The command of a task as it would be run, or why there is none: user code makes it."""
    try:
        return shown(task)
    except Exception as error:  # user code
        return f"no command: {user_frames.one_line(error)}"


def _reason(session: _Session, index: int) -> tuple[str, int | None]:
    """In words, and the index of the task that it is about."""
    planner = session.planner
    if index in planner.faults:
        return planner.faults[index].cause, None
    recorded = json.loads(session.run.reason(index))
    reason = Reason(ReasonCode(recorded["code"]), recorded.get("task"), recorded.get("holder", ""))
    task = planner.tasks[index]
    text = words(
        reason,
        lambda other: title(planner.tasks[other]),
        lambda: planner.first_absent(index),
        lambda: excess(task, planner.limits),
        lambda: planner.reports.since(index),
    )
    return text, reason.subject


def run(
    tasks: Sequence[Task], options: Options, reporter: Reporter, witness: Witness | None = None
) -> RunResult:
    """Makes what is missing. Returns how it went; a task's failure is no exception here.

    Raises MartletError when the run cannot begin: something is no task, a cycle, two tasks that would make
    the same file, the state cannot be written. What is found while tasks run already is how those tasks ended.
    """
    state = _state_directory(options)
    # where tasks run here: a process is forked best while this one is small
    with Collector() as collector, log_here.of(_logs(state), reporter) if options.runs_here else LogHere() as here:
        session = _Session(tasks, options, reporter, collector, state, _leases(options, state), here)
        if witness is not None and session.streaming is None:
            witness.planned(session.account())
        session.refuse_cycle()
        if session.streaming is not None or session.tell_plan():
            _turn(session, state)
        elif any(family.missing or family.broken or family.blocked for family in session.families()):
            with suppress(MartletError):  # a state that cannot be written is no trouble where nothing runs
                _turn(session, state)
        elapsed = time.monotonic() - session.begun
        result = session.endings.result(
            session.families(), elapsed, str(state), left_off=session.left_off, batch=session.batch,
            told=session.notes.told,
        )
        reporter.finished(result)
        if witness is not None:
            witness.ended(session.account(), result)
        return result


def _turn(session: _Session, state: Path) -> None:
    _make_writable(state)
    run, planner, options = session.run, session.planner, session.options
    logs = Path(session.here.folder or _logs(state))
    head = provenance.head(options.script, _bridge.version())
    planner.charters.tell()
    try:
        file = run.open_records(str(state), str(logs), json.dumps(head))
    except RuntimeError as error:
        raise MartletError(Diagnostic(Code.STATE_UNWRITABLE, str(state), str(error))) from error
    progress = Progress(
        run, session.reporter, planner.tasks, planner.families, session.notes, options.show_logs, session.here.path
    )
    jobs = Jobs(planner.tasks, planner.traits, options, state, session.reporter.note, planner.dependencies)
    pump = Pump(run, options, session.reporter, planner, logs, jobs, progress, session.here)
    with lineage.within(file, run):
        if session.streaming is None:
            pump.turn()
        else:
            run.open_plan()
            pump.turn(session.streaming, session.tell_plan)
    session.left_off, session.batch = pump.left_off, progress.batch


def _logs(state: Path) -> str:
    return str(state / "logs" / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}")


def _leases(options: Options, state: Path) -> dict[str, object] | None:
    if options.leases == "off":
        return None
    return {
        "state": os.path.abspath(state),
        "kind": options.leases,
        "timeout": options.lease_timeout,
        "enclosing": lineage.told(),
    }


def _make_writable(state: Path) -> None:
    """What cannot be recorded must not run: better to say so before anything has."""
    try:
        os.makedirs(state, exist_ok=True)
        probe = f"{state}/.writable-{os.getpid()}"
        os.close(os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666))
        os.unlink(probe)
    except OSError as error:
        raise MartletError(Diagnostic(Code.STATE_UNWRITABLE, str(state), error.strerror or str(error))) from error


def _state_directory(options: Options) -> Path:
    if options.state is not None:
        return options.state
    from ..steering import state  # the rule needs the configuration, which runs with given options do not

    return state.default(options.script)


def history(options: Options, tasks: Mapping[str, str]) -> Mapping[str, Mapping[str, Any]]:
    """What the records of earlier runs and the leases of others tell of tasks, by id: what `martlet explain --json`
    prints. `tasks`: by id, the names under which runs claim them.

    Raises MartletError when they cannot be read.
    """
    state = _state_directory(options)
    try:
        return _bridge.history(str(state), tasks)
    except RuntimeError as error:
        raise MartletError(Diagnostic(Code.STATE_UNREADABLE, str(state), str(error))) from error


__all__ = ["ExitCode", "Plan", "history", "plan", "run"]

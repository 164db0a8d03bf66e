"""The tasks of one job, run by the engine as those of any run, and reported where they run.

What only the run knows which had the job submitted (why a task ran, what it consumed, its code) is in the job's
description; what only this machine knows is found out here. Which tasks these are, and that nobody else runs them, is
decided already: nothing is asked of what they need, nothing is claimed, and nothing is tried again.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from .. import _bridge
from ..task import Task
from . import lineage, provenance
from .charters import Charters
from .collector import Collector
from .completeness import Kind
from .heartbeat import Heartbeat
from .jobs import Jobs
from .log_here import LogHere
from .options import Options
from .plan import Planner
from .pump import Pump
from .reporter import Silent
from .results import Results, result_of
from .shares import CORES, GPU, MEMORY, Shares
from .states import OVER


class Entry(NamedTuple):
    """A task of the slice, or several that run as one."""

    told: dict[str, Any]
    """What the description says of it."""
    members: list[Task]
    """The one that leads the others first."""


class Place(NamedTuple):
    """Where a slice runs, and what it leaves."""

    state: Path
    """The state directory, or one of the job's own where it does not see that."""
    is_shared: bool
    """It is that of the run."""
    result: Path
    log: str
    """What reports call the job's log."""
    logs: Path
    """Folder of what is printed elsewhere, until it stands in the job's log."""

    @classmethod
    def of(cls, job: dict[str, Any], description: Path, index: int, log: int) -> Place:
        """`index`: of the slice; `log`: of the job."""
        state = Path(job["state"])
        is_shared = _is_shared(state, job["tag"], description.name)
        if not is_shared:
            state = description.absolute().with_name(f"{index}.state")
        folder = state / "jobs" / job["tag"]
        result = result_of(description.parent, index, by=log if "pilots" in job else None)
        return cls(state, is_shared, result, str(folder / f"{log}.log"), folder / f"{index}.logs")

    def told(self, *, one_by_one: bool) -> dict[str, Any]:
        """As the engine reads it (`JobSite` in the runtime)."""
        keeps = stat.S_ISREG(os.fstat(1).st_mode)
        return {
            "result": str(self.result),
            "log": self.log,
            "keeps_log": keeps,
            "prints_there": keeps and one_by_one,
            "carries": not self.is_shared,
        }


class NotLeftBehind(Exception):
    """Not every outcome is in the result."""

    def __init__(self, why: str, *, is_of_node: bool) -> None:
        """`is_of_node`: it was to be on a disk of this node's own; another node may have room."""
        super().__init__(why)
        self.is_of_node = is_of_node


class Records:
    """Where a job reports: its slices one after the other, to one segment where that is in the run's own area."""

    def __init__(self) -> None:
        self._last: _bridge.Run | None = None
        """The run of the slice before."""

    def open(self, run: _bridge.Run, place: Place, code: dict[str, Any], after: int) -> None:
        """`after`: the moment that reports are to be later than. Raises RuntimeError."""
        environment = provenance.head(None, _bridge.version())["environment"]
        if self._last is not None and place.is_shared:
            run.go_on_from(self._last)
        head = {"code": code, "environment": environment, "after": after}
        run.open_records(str(place.state), str(place.logs), json.dumps(head))
        self._last = run


def run(
    job: dict[str, Any], entries: Sequence[Entry], description: Path, index: int, log: int, records: Records
) -> None:
    """Runs a slice, and leaves the outcome of each of its tasks behind.

    `job`: what all jobs are told; `index`: which slice of the description it is, `log`: which job's log this process
    prints to. Raises NotLeftBehind, MartletError when nothing can be run.
    """
    place = Place.of(job, description, index, log)
    try:
        why = _run(job, entries, place, description.with_name(f"{log}.alive"), records)
    except OSError as error:
        why = f"cannot write {error.filename or 'the result'}: {error.strerror}"
    except RuntimeError as error:  # the engine's words
        why = str(error)
    if why:
        raise NotLeftBehind(why, is_of_node=not place.is_shared)


def _run(job: dict[str, Any], entries: Sequence[Entry], place: Place, alive: Path, records: Records) -> str:
    """Says why outcomes are not left behind; nothing where all are. Raises OSError, RuntimeError, MartletError."""
    results = Results(place.result)
    done, after = results.done, job["after"]
    if results.is_resumed:
        tasks = json.dumps([entry.told["task"] for entry in entries])
        site = json.dumps(place.told(one_by_one=True))
        before = json.loads(_bridge.complete_result(site, tasks, str(place.state)))
        done |= set(before["done"])
        after = max(after, before["latest"] or after)
    if len(done) == len(entries):
        return ""
    lineage.inherit(entries[0].told.get("within", ()))
    with Collector() as collector:
        slice_ = _Slice(job, entries, done, place, collector)
        records.open(slice_.run, place, job.get("code", {}), after)
        return slice_.turn(Heartbeat(slice_.run, slice_.planner.tasks, len(entries), alive, job["heartbeat"]))


class _Slice:
    """The engine, and the plan of exactly these tasks."""

    def __init__(
        self, job: dict[str, Any], entries: Sequence[Entry], done: frozenset[int], place: Place, collector: Collector
    ) -> None:
        self._place = place
        self._count = len(entries)
        asked = job.get("job", {})
        amounts = [_amounts(entry.told, asked) for entry in entries]
        limits = _limits(asked)
        slots = _slots(amounts, limits)
        site = place.told(one_by_one=slots == 1)
        self._options = Options(
            workers=slots,
            apart=True,
            prints_here=site["prints_there"],
            leases="off",
            state=place.state,
            resources=limits,
            script=Path(job["script"]) if job["script"] else None,
            check_outputs=job["check_outputs"],
            stores=tuple(job.get("stores", ())),
            checksum={entry.told["family"]: "adler32" if entry.told.get("checksum") else "none" for entry in entries},
        )
        shares = Shares(self._options)
        told: dict[str, Any] = {"slots": slots, "here": False, "limits": limits, "job": site, **shares.limits()}
        self.run = _bridge.Run(json.dumps(told))
        self.planner = _Planner(self.run, self._options, _Reporter(), collector, shares, place.state)
        self.planner.charters = _Charters(self.run, self.planner, job, entries)
        self.planner.take(entries, amounts, done, shares)

    def turn(self, heartbeat: Heartbeat) -> str:
        """Runs until every task has ended. Says why outcomes are not left behind."""
        self.planner.charters.tell()
        reporter = _Reporter()
        jobs = Jobs(self.planner.tasks, self.planner.traits, self._options, self._place.state, reporter.note)
        pump = _Pump(self.run, self._options, reporter, self.planner, self._place.logs, jobs, heartbeat, LogHere())
        with lineage.within("", self.run):
            pump.turn()
        summary = json.loads(self.run.summary())
        for _, note in summary["notes"]:
            reporter.note(note)
        why: str | None = summary.get("unleft")
        if why is None and not all(state in OVER for state in self.run.states()[: self._count]):
            why = "not every task has ended"
        if why is None and not summary.get("needs_logs"):  # what was printed stands in the job's log by now
            shutil.rmtree(self._place.logs, ignore_errors=True)
        return why or ""


class _Planner(Planner):
    """Takes tasks as they are."""

    def take(
        self, entries: Sequence[Entry], amounts: Sequence[dict[str, float]], done: frozenset[int], shares: Shares
    ) -> None:
        """Plans the tasks of a slice: the number of each that leads is its place there."""
        numbers = [[self._number(entry.members[0], [])] for entry in entries]
        for entry, own in zip(entries, numbers, strict=True):
            own += [self._number(member, []) for member in entry.members[1:]]
        for place, (entry, own) in enumerate(zip(entries, numbers, strict=True)):
            terms = self._run.terms(json.dumps(self._terms(place, entry, own, dict(amounts[place]), shares)))
            kind = Kind.COMPLETE if place in done else Kind.INCOMPLETE
            for number in own:
                self.kinds[number] = kind
                self._columns.rows.append((number, kind, (self.traits[number].family, 0.0, terms), None))
        self.roots.extend(range(len(self.tasks)))
        # nothing is known of what they need: whoever looks at that asks the tasks
        self.dependencies.clear()
        self.hand_over()
        self._run.planned(self.roots.tobytes(), b"")

    def _terms(
        self, place: int, entry: Entry, numbers: Sequence[int], resources: dict[str, float], shares: Shares
    ) -> dict[str, Any]:
        leader = entry.members[0]
        share = shares.of(leader, resources)
        if GPU in resources and (shares.gpus is None or len(shares.gpus.names) < resources[GPU]):
            del resources[GPU]  # what the job has is not known as such: the task sees all of it
        terms: dict[str, Any] = {
            "lane": self.traits[numbers[0]].lane(self._options, None),
            "resources": resources,
            "retry": {"retries": {}},
            "time_limit": entry.told.get("time_limit"),
            "share": share,
        }
        return {**terms, "batch": {"group": place, "most": len(numbers)}} if len(numbers) > 1 else terms


class _Charters(Charters):
    """Code is what it was where the job was submitted; environment and sandbox are what they are here."""

    def __init__(self, run: _bridge.Run, planner: Planner, job: dict[str, Any], entries: Sequence[Entry]) -> None:
        super().__init__(run, planner, planner.rules)
        facts = job.get("facts", {})
        self._facts_of: dict[str, dict[str, Any]] = {}
        self._submitter = facts.get(entries[0].told["origin"].get("env"))
        for place, entry in enumerate(entries):
            origin = entry.told["origin"]
            self._facts_of[entry.told["family"]] = facts.get(origin.get("code"), {})
            run.know(place, json.dumps({**_needs(entry.told), **origin}))

    def _code(self, cls: type[Any]) -> dict[str, Any]:
        return self._facts_of.get(cls.get_task_family(), {})

    def _charter(self, cls: type[Any], traits: Any) -> dict[str, Any]:
        submitter = {} if self._submitter is None else {"submitter": self._submitter}
        return {**super()._charter(cls, traits), "rerun_on": [], **submitter}


class _Pump(Pump):
    """A signal that is to end the job ends it: how its tasks went, the batch system's word tells."""

    def _told(self, level: int, running_here: Task | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)


class _Reporter(Silent):
    def note(self, text: str) -> None:
        print(f"martlet job: {text}", file=sys.stderr, flush=True)


def _needs(told: dict[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in ("inputs", "needs") if name in told}


def _limits(asked: Mapping[str, Any]) -> dict[str, float]:
    """What the job has of what its tasks share. Nothing of what it did not ask for."""
    limits = {}
    if "cores" in asked:
        limits[CORES] = float(asked["cores"])
    if "memory" in asked:
        limits[MEMORY] = asked["memory"] / 1e9
    return limits


def _amounts(told: dict[str, Any], asked: Mapping[str, Any]) -> dict[str, float]:
    """What a task takes of the job, which has asked for so much. All else is counted by the run that submits it."""
    stated = told.get("resources", {})
    amounts = {}
    if "cores" in asked:
        amounts[CORES] = min(stated.get(CORES) or float(asked["cores"]), float(asked["cores"]))
    if "memory" in asked and MEMORY in stated:
        # whose job ran out of memory has another with more: its tasks take more in proportion
        more = asked["memory"] / told.get("job", {}).get("memory", asked["memory"])
        amounts[MEMORY] = min(stated[MEMORY] * more, asked["memory"] / 1e9)
    if GPU in stated:
        amounts[GPU] = stated[GPU]
    return amounts


def _slots(amounts: Sequence[dict[str, float]], limits: dict[str, float]) -> int:
    """Tasks at a time: as many of the smallest as the job has cores for, one where it has asked for none."""
    if CORES not in limits:
        return 1
    smallest = min(one[CORES] for one in amounts)
    return max(1, min(len(amounts), int(limits[CORES] // smallest)))


def _is_shared(state: Path, tag: str, name: str) -> bool:
    """Whether this is the state directory of the run, and can be written. What refuses to be looked at is not."""
    reports = state / "reports"
    try:
        # a submission's tag is used once for ever: who sees this file sees the run's state directory
        if not (state / "jobs" / tag / name).is_file():
            return False
        with suppress(OSError):
            reports.mkdir(exist_ok=True)
        return os.access(reports, os.W_OK | os.X_OK)
    except OSError:
        return False

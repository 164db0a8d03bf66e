"""From root tasks to a complete plan: which tasks there are, who needs whom, what is there already."""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from .. import time_limit, user_frames
from ..diagnostics import Code, Diagnostic, MartletError
from ..events import Event, EventSource
from ..structure import flatten
from ..targets.base import Target
from ..task import Task
from .absent import first_absent
from .charters import Charters
from .columns import Columns, Terms
from .combined import Groups
from .completeness import Completeness, Fault, Kind
from .completion import CompletionRules
from .earlier import EarlierReports
from .foreign_jobs import ForeignJobs
from .look_ahead import LookAhead
from .options import Options
from .sharing import SharedOutputs
from .states import State
from .teaching import Teaching
from .traits import Traits

if TYPE_CHECKING:
    from pathlib import Path

    from .._bridge import Run
    from .collector import Collector
    from .reporter import Reporter
    from .shares import Shares

_TERMS = ("resources", "retry", *time_limit.ATTRIBUTES)
"""Attributes that an instance may have of its own and that decide how it is run."""
_OUTPUT_ABSENT = int(Kind.OUTPUT_ABSENT)
_COMPLETE, _EXTERNAL_ABSENT, _BROKEN = int(Kind.COMPLETE), int(Kind.EXTERNAL_ABSENT), int(Kind.BROKEN)
_UNSEEN = 255
"""Stands in the column of kinds until a task was looked at."""


class NotATask(TypeError):
    """requires() gave something else than tasks."""


class Planner:
    """Walks from the roots to everything that is needed, in luigi's order: depth first, last dependency first.

    Completeness is asked for many new tasks at once; tasks that are complete are not asked for what they need (unless
    something is forced: then the whole graph is looked at).
    """

    #: rows handed to the engine at once
    CHUNK = 8192

    def __init__(
        self, run: Run, options: Options, reporter: Reporter, collector: Collector, shares: Shares, state: Path
    ) -> None:
        self._run = run
        self._collector = collector
        self._options = options
        self.limits = options.resources
        """Of counted resources."""
        self._shares = shares
        self._reporter = reporter
        self.tasks: list[Task] = []
        self.dependencies: list[array[int] | None] = []
        self.families: list[str] = []
        self.traits: list[Traits] = []
        self.rules = CompletionRules(options)
        self._completeness = Completeness(run, options, self.tasks, self.traits, self.rules)
        self.kinds = self._completeness.kinds
        self.faults = self._completeness.faults
        self.absent = self._completeness.absent
        self.force_unmatched = self._completeness.force_unmatched
        self._index: dict[type[Task], dict[object, int]] = {}
        self._traits: dict[type[Task], Traits] = {}
        self._stack: list[int] = []
        self._roots_to_come: list[Task] = []
        self._ahead = LookAhead()
        self.teaching = Teaching(run, self.tasks, self.traits)
        self.roots = array("i")
        """The numbers of the tasks that were asked for."""
        self.plans_first = False
        """Something that is planned wants the plan complete before anything starts."""
        self.judges = self.rules.reports_matter
        """Reports have a say in which tasks run: then all that are planned are looked up, and nothing starts before."""
        self._looks_deep = self.judges and self.rules.looks_deep
        self.classes: list[type[Task]] = []
        """The first class of each family, in the order of their numbers."""
        self.charters = Charters(run, self, self.rules)
        self.reports = EarlierReports(run, self, state)
        self.foreign_jobs: ForeignJobs | None = None
        """Keeps tasks from running of which other batch systems have jobs; None: nothing does."""
        self._columns = Columns()
        self._last_report = time.monotonic()
        self.shared = SharedOutputs(self, run)
        self.groups = Groups(run)
        self._planned_as: dict[int, int] = {}
        """What tasks that were looked at again had been planned as."""
        self._made_elsewhere: set[int] = set()
        """Tasks that another run was seen to have made since they were planned."""

    def begin(self, roots: Sequence[Task]) -> None:
        """Takes in what was asked for."""
        for root in roots:
            self._must_be_task(root, None)
        self._roots_to_come = list(reversed(roots))

    def finish(self) -> None:
        """Plans everything that the roots need, and is not planned yet. Raises MartletError for outputs made twice."""
        stack = self._stack
        while stack or self._next_root():
            self._visit(stack.pop())
            if len(self._columns) >= self.CHUNK:
                self.hand_over()
        self._look_up()
        self.hand_over()
        self.shared.refuse()

    def _look_up(self) -> None:
        if self.judges:
            self.charters.tell()
            self.reports.look_up()

    def traits_of(self, cls: type[Task]) -> Traits:
        """What there is to know of a class of which tasks are planned."""
        return self._traits[cls]

    def go_on(self, rows: int, until: float) -> bool:
        """Plans so many tasks more, or until a moment of the monotonic clock; `hand_over` remains to be called.

        Returns whether there is more to plan.
        """
        stack = self._stack
        self._collector.rest()
        for _ in range(rows):
            if not (stack or self._next_root()):
                return False
            self._visit(stack.pop())
            if time.monotonic() >= until:
                break
        return bool(stack or self._roots_to_come)

    def give_up(self) -> None:
        """Ends the plan early: what was found and not looked into will not run, and nothing is asked any more."""
        self._collector.wake()
        self._roots_to_come.clear()
        self._stack.clear()
        # whoever was interrupted may have left a row, or a task, half written
        self._columns = Columns()
        self.teaching.take_held()
        states = self._run.states()
        count = min(len(self.tasks), len(self.traits), len(self.dependencies), len(self.kinds))
        for index in range(count):
            if index >= len(states) or states[index] == State.UNSEEN:
                kind = self.kinds[index]
                if kind == _UNSEEN or kind >= Kind.GATHERS:
                    kind = Kind.INCOMPLETE
                self._columns.rows.append((index, kind, (self.traits[index].family, 0.0, 0), None))
        self._run.plan(self._columns.take())

    def spoil(self, index: int, cause: str) -> None:
        """A task that has not begun cannot run after all."""
        self._completeness.spoil(index, Fault(cause, ""))
        if not self._columns.change(index, Kind.BROKEN) and not self.teaching.change(index, Kind.BROKEN):
            self._run.refuse(index)

    def plan_more(self, tasks: Sequence[Task], asker: int) -> array[int]:
        """Plans what the running task number `asker` asks for.

        Returns the indices of those tasks; raises TypeError for other things.
        """
        for task in tasks:
            if not isinstance(task, Task):
                raise TypeError(f"run() yielded {task!r:.80}, which is no task")
        if self.traits[asker].whole:
            self._allow(asker)
        with self._completeness.anew():
            indices = self._walk(tasks)
        self.shared.asked(asker, indices)
        self._look_up()
        if self.judges:
            self.shared.name_unreported()
        self._spoil_shared()
        self.hand_over()
        if self.judges:
            self.shared.name_decided()
            self._spoil_shared()
        return indices

    def _spoil_shared(self) -> None:
        for index, cause in self.shared.faults().items():
            self.spoil(index, cause)

    def look_again(self, indices: Sequence[int]) -> bytes:
        """Asks anew whether planned tasks are complete: another run had to do with them. One `Kind` a task.

        The same task may be asked for more than once: one that waits for others is claimed, and looked at, again when
        its turn comes.
        """
        for index in indices:
            self._planned_as.setdefault(index, self.kinds[index])
        with self._completeness.anew():
            self._completeness.examine(indices)
        # where reports decide, or make a task run though it is complete, only another report of it says that it has
        told = [
            index
            for index in indices
            if self.kinds[index] >= Kind.BY_REPORT
            or self.kinds[index] == self._planned_as[index] == Kind.COMPLETE
        ]
        for index, made in zip(told, self.reports.look_again(told) if told else ()):
            # a report that was new at an earlier look is not new any more
            self.kinds[index] = Kind.COMPLETE if made or index in self._made_elsewhere else Kind.OUTPUT_ABSENT
        for index in indices:
            if self.kinds[index] == self._planned_as[index] == _OUTPUT_ABSENT and self._is_used_up(self.tasks[index]):
                self.kinds[index] = Kind.COMPLETE
        if self.foreign_jobs is not None:
            to_run = [index for index in indices if self.will_run(index)]
            for index, fault in self.foreign_jobs.in_the_way(to_run, anew=True).items():
                self._completeness.spoil(index, fault)
        self._made_elsewhere.update(index for index in indices if self.kinds[index] == Kind.COMPLETE)
        return bytes(self.kinds[index] for index in indices)

    def _is_used_up(self, task: Task) -> bool:
        """Whether another run has made what a task makes, and what it is wanted for, and has removed it then.

        So do steps of a merge. What was there when this run was planned, and is to be made anew, says nothing of that.
        """
        try:
            for later in task._wanted_for():
                index = self._index.get(later.__class__, {}).get(
                    later._values if self._traits[later.__class__].by_values else later.task_id
                )
                if index is None or self._planned_as.get(index, self.kinds[index]) != _OUTPUT_ABSENT:
                    continue
                if later.complete():
                    return True
            return False
        except Exception:  # user code: it is told of when the task runs
            return False

    def explain(self, index: int, cause: str) -> None:
        """Says why a task cannot run, of which the engine knows it."""
        self._completeness.spoil(index, Fault(cause, ""))

    def unvisited(self) -> Iterable[int]:
        """Tasks of which it is not known yet what they need."""
        return self._stack

    def be_brief(self, *, tidily: bool) -> None:
        """Tasks run between two slices of the plan from now on; `tidily`: in this process."""
        self._ahead.be_brief()
        self._collector.tidies = tidily

    def will_run(self, index: int) -> bool:
        """Whether a task is to run, as far as it alone is known."""
        return self.kinds[index] not in (Kind.COMPLETE, Kind.EXTERNAL_ABSENT, Kind.BROKEN)

    def first_absent(self, index: int) -> str:
        """The first output of a task that lacks one, for people."""
        return first_absent(self.tasks[index], self._completeness.lacking.get(index, ""))

    def family_index(self, family: str) -> int | None:
        """The number of a family among those planned; None when no task has it."""
        return self.families.index(family) if family in self.families else None

    # ---- the walk

    def _next_root(self) -> bool:
        """Puts the next root that is new on the stack."""
        while self._roots_to_come:
            self.roots.append(self._number_of_root(self._roots_to_come.pop()))
            if self._stack:
                return True
        return False

    def _number_of_root(self, root: Task) -> int:
        try:
            return self._number(root, self._stack)
        except MartletError:
            raise
        except Exception as error:  # user code: where tasks go by their ids, the serialize() of a parameter
            diagnostic = Diagnostic(Code.TASK_NOT_MADE, type(root).get_task_family(), user_frames.one_line(error))
            raise MartletError(diagnostic, user_frames.text(error)) from error

    def _walk(self, tasks: Iterable[Task]) -> array[int]:
        """Plans what these need, in the middle of a walk or after it. Returns their numbers."""
        indices = array("i")
        interrupted, self._stack = self._stack, []
        try:
            for task in tasks:
                indices.append(self._number(task, self._stack))
                while self._stack:
                    self._visit(self._stack.pop())
        finally:
            self._stack = interrupted + self._stack
        return indices

    def _visit(self, index: int) -> None:
        """Finds out what a task needs, and adds it to the plan."""
        kind = self.kinds[index]
        if kind == _UNSEEN:
            self._look_ahead(index)
            kind = self.kinds[index]
        task, traits = self.tasks[index], self.traits[index]
        needed = None
        plain = len(task.__dict__) == traits.attributes
        # what is complete is not asked
        settled = traits.leaf or (kind == _COMPLETE and not self._options.force and not self._looks_deep)
        if not (plain and settled) or EventSource._event_callbacks:
            needed = self.dependencies[index] = self._needs(index, task, not EventSource._event_callbacks)
            kind = self.kinds[index]
        if not plain or (terms := traits.terms_of_all) is None:
            terms = self._terms_of(index, task, traits)
            kind = self.kinds[index]
        if traits.whole:
            self._allow(index)
        self._columns.rows.append((index, kind, terms, needed))
        if index % 64 == 0:
            self._report()

    def _allow(self, index: int) -> None:
        """Tells what a workflow puts up with, as far as that is known by now."""
        if self.kinds[index] in (_COMPLETE, _BROKEN):
            return
        whole: Any = self.tasks[index]
        if not whole.is_splittable():
            return
        try:
            lacking, failing = whole.allowance()
        except Exception as error:  # user code: create_branch_map()
            self._completeness.break_(index, error, "create_branch_map()")
            return
        if lacking or failing >= 0:
            self._run.allow(index, lacking, failing)

    def _terms_of(self, index: int, task: Task, traits: Traits) -> Terms:
        try:
            priority, requirement = traits.priority_of(task), self._requirement(index)
            if priority:
                self.plans_first = True
        except MartletError as error:
            said = error.diagnostic
            self._completeness.spoil(index, Fault(f"{said.subject}: {said.cause}", f"hint: {said.hint}", error))
            priority, requirement = 0.0, 0
        except Exception as error:  # user code: a property
            self._completeness.break_(index, error, "priority, resources or time limit")
            priority, requirement = 0.0, 0
        return traits.family, priority, requirement

    def _look_ahead(self, index: int) -> None:
        """Looks at a task together with those whose turn comes next."""
        stack, kinds = self._stack, self.kinds
        first = len(stack)
        last = max(0, first - self._ahead.reach)
        while first > last and kinds[stack[first - 1]] == _UNSEEN:
            first -= 1
        begun = time.perf_counter()
        self._completeness.examine([*stack[first:], index])
        remote = self._completeness.take_remote()
        self._ahead.took(len(stack) - first, time.perf_counter() - begun, remote=remote)

    def _needs(self, index: int, task: Task, quiet: bool) -> array[int] | None:
        kind = self.kinds[index]
        if kind == _COMPLETE:
            if not quiet:
                task.trigger_event(Event.DEPENDENCY_PRESENT, task)
            if not (self._options.force or self._looks_deep) or self._completeness.is_external(index):
                return None
        elif kind in (_EXTERNAL_ABSENT, _BROKEN) or (
            self._options.retry_external and self._completeness.is_external(index)
        ):
            if not quiet:
                task.trigger_event(Event.DEPENDENCY_MISSING, task)
            return None
        try:
            if self.traits[index].requires_alone:
                needed = task.requires()
                if needed.__class__ is list and not needed:  # by far the most tasks of most graphs
                    return None
                needed = flatten(needed)
            else:
                needed = task.deps()
            for dependency in needed:
                if dependency.__class__ not in self._index:
                    self._must_be_task(dependency, task)
            fresh = self._stack
            numbers = [self._number(dependency, fresh) for dependency in needed]
        except Exception as error:  # user code; the id of a task too may be worked out by it
            self._completeness.break_(index, error, "requires()")
            task.trigger_event(Event.BROKEN_TASK, task, error)
            return None
        if not quiet:
            for dependency in needed:
                task.trigger_event(Event.DEPENDENCY_DISCOVERED, task, dependency)
        # who is named twice is needed once
        return array("i", dict.fromkeys(numbers)) if numbers else None

    def _must_be_task(self, value: object, parent: Task | None) -> None:
        if isinstance(value, Task):
            return
        if isinstance(value, Target):
            problem = "requires() returned a Target; wrap it in an ExternalTask"
        else:
            problem = f"a task was expected, not {type(value).__name__} {value!r:.80}"
        if parent is None:
            raise MartletError(Diagnostic(Code.NOT_A_TASK, repr(value)[:80], problem))
        raise NotATask(problem)

    def _number(self, task: Task, fresh: list[int]) -> int:
        """The number of a task; a new one is appended to `fresh`."""
        cls = task.__class__
        known = self._index.get(cls)
        if known is None:
            known = self._index[cls] = {}
            self._look_at(cls)
        traits = self._traits[cls]
        key: object = task._values if traits.by_values else task.task_id
        try:
            index = known.get(key)
        except TypeError:  # a value that cannot be hashed
            key = task.task_id
            index = known.get(key)
        if index is None:
            index = known[key] = len(self.tasks)
            self.tasks.append(task)
            self.traits.append(traits)
            self.dependencies.append(None)
            self.kinds.append(_UNSEEN)
            fresh.append(index)
        return index

    def _look_at(self, cls: type[Task]) -> None:
        family = cls.get_task_family()
        if family not in self.families:
            self.families.append(family)
            self.classes.append(cls)
        traits = self._traits[cls] = Traits.of(cls, self.families.index(family))
        traits.follow(self.rules, cls)
        if traits.priority or cls.plans_first:
            self.plans_first = True

    def _requirement(self, index: int) -> int:
        traits, task = self.traits[index], self.tasks[index]
        if traits.combines:
            return self.groups.number(task, traits.terms(task, self._options, self._shares))
        constant = traits.constant and task.__dict__.keys().isdisjoint(_TERMS)
        if constant and traits.requirement is not None:
            return traits.requirement
        requirement = self._run.terms(traits.terms(task, self._options, self._shares))
        if constant:
            traits.requirement = requirement
            if traits.priority is not None:
                traits.terms_of_all = traits.family, traits.priority, requirement
        return requirement

    def hand_over(self) -> None:
        """Gives the engine what was planned since the last call, but for what `teaching` holds back."""
        if len(self._columns):
            if self.foreign_jobs is not None:
                self._leave_to(self.foreign_jobs)
            self.teaching.teach(self._columns)
            self._run.plan(self._columns.take())
            self._collector.settle()
        self._collector.wake()

    def _leave_to(self, jobs: ForeignJobs) -> None:
        """What jobs in other batch systems may be doing cannot run here."""
        faults = jobs.in_the_way([row[0] for row in self._columns.rows if self.will_run(row[0])])
        for index, fault in faults.items():
            self._completeness.spoil(index, fault)
        if faults:
            self._columns.change_all(faults, Kind.BROKEN)

    def hand_over_held(self) -> None:
        """Gives the engine what was held back: there are processes now that were forked since."""
        self._run.plan(self.teaching.take_held().take())

    def _report(self) -> None:
        now = time.monotonic()
        if now - self._last_report > 0.25:
            self._last_report = now
            self._reporter.planning(len(self.tasks))

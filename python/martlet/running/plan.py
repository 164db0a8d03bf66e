"""From root tasks to a complete plan: which tasks there are, who needs whom, what is there already."""

from __future__ import annotations

import json
import time
from array import array
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .. import time_limit
from ..diagnostics import Code, Diagnostic, MartletError
from ..events import Event, EventSource
from ..targets.base import Target
from ..task import Task
from .batch import Groups
from .columns import Columns
from .completeness import Completeness, Fault, Kind
from .description import describe
from .options import Options
from .sharing import SharedOutputs
from .traits import Traits

if TYPE_CHECKING:
    from .._bridge import Run
    from .collector import Collector
    from .reporter import Reporter
    from .shares import Shares

_TERMS = ("resources", "retry", *time_limit.ATTRIBUTES)
"""Attributes that an instance may have of its own and that decide how it is run."""
_UNSEEN = 255
"""Stands in the column of kinds until a task was looked at."""


class Planner:
    """Walks from the roots to everything that is needed, in luigi's order: depth first, last dependency first.

    Completeness is asked for many new tasks at once; tasks that are complete are not asked for what they need (unless
    something is forced: then the whole graph is looked at).
    """

    #: tasks that are looked at together, and rows handed to the engine at once
    CHUNK = 8192

    def __init__(
        self, run: Run, options: Options, reporter: Reporter, collector: Collector, shares: Shares
    ) -> None:
        self._run = run
        self._collector = collector
        self._options = options
        self._shares = shares
        self._reporter = reporter
        self.tasks: list[Task] = []
        self.dependencies: list[array[int] | None] = []
        self.families: list[str] = []
        self.traits: list[Traits] = []
        self._completeness = Completeness(run, options, self.tasks, self.traits)
        self.kinds = self._completeness.kinds
        self.faults = self._completeness.faults
        self.force_unmatched = self._completeness.force_unmatched
        self._index: dict[type[Task], dict[object, int]] = {}
        self._traits: dict[type[Task], Traits] = {}
        self._named_by = array("i")
        """The last task that named this one: who names it twice needs it once."""
        self._stack: list[int] = []
        self._columns = Columns()
        self._last_report = time.monotonic()
        self.shared = SharedOutputs(self, run)
        self.groups = Groups(run)

    def plan(self, roots: Sequence[Task]) -> array[int]:
        """Plans everything that the roots need. Returns the indices of the roots."""
        for root in roots:
            self._must_be_task(root, None)
        indices = self._walk(roots, self.CHUNK)
        self.shared.refuse()
        return indices

    def plan_more(self, tasks: Sequence[Task], asker: int) -> array[int]:
        """Plans what the running task number `asker` asks for.

        Returns the indices of those tasks; raises TypeError for other things.
        """
        known = len(self.tasks)
        for task in tasks:
            if not isinstance(task, Task):
                raise TypeError(f"run() yielded {task!r:.80}, which is no task")
        indices = self._walk(tasks, None)
        self.shared.asked(asker, indices)
        for index, cause in self.shared.faults().items():
            self._completeness.spoil(index, Fault(cause, ""))
            self._columns.change(index, Kind.BROKEN)
        new = {str(index): describe(self.tasks[index]) for index in range(known, len(self.tasks))}
        if new:
            self._run.describe(json.dumps(new))
        self._hand_over()
        return indices

    def look_again(self, indices: Sequence[int]) -> bytes:
        """Asks anew whether planned tasks are complete: another run had to do with them. One `Kind` a task."""
        self._completeness.examine(indices)
        return bytes(self.kinds[index] for index in indices)

    def will_run(self, index: int) -> bool:
        """Whether a task is to run, as far as it alone is known."""
        return self.kinds[index] not in (Kind.COMPLETE, Kind.EXTERNAL_ABSENT, Kind.BROKEN)

    def family_index(self, family: str) -> int | None:
        """The number of a family among those planned; None when no task has it."""
        return self.families.index(family) if family in self.families else None

    # ---- the walk

    def _walk(self, roots: Iterable[Task], rows: int | None) -> array[int]:
        """Plans what these need. `rows`: so many are handed over at once; None: the caller hands them over."""
        indices = array("i")
        stack = self._stack
        for root in roots:
            fresh: list[int] = []
            indices.append(self._number(root, fresh))
            stack += fresh
            while stack:
                self._visit(stack.pop())
                if rows is not None and len(self._columns) >= rows:
                    self._hand_over()
        if rows is not None:
            self._hand_over()
        return indices

    def _visit(self, index: int) -> None:
        """Finds out what a task needs, and adds it to the plan."""
        if self.kinds[index] == _UNSEEN:
            self._look_ahead(index)
        task, traits = self.tasks[index], self.traits[index]
        plain = len(task.__dict__) == traits.attributes
        quiet = not EventSource._event_callbacks
        if not (plain and quiet and traits.leaf):
            self.dependencies[index] = self._needs(index, task, quiet)
        if plain and traits.priority is not None and traits.requirement is not None:
            priority, requirement = traits.priority, traits.requirement
        else:
            try:
                priority, requirement = traits.priority_of(task), self._requirement(index)
            except Exception as error:  # user code: a property
                self._completeness.break_(index, error, "priority, resources or time limit")
                priority, requirement = 0.0, 0
        self._columns.add(index, self.kinds[index], traits.family, priority, requirement, self.dependencies[index])
        if index % 64 == 0:
            self._report()

    def _look_ahead(self, index: int) -> None:
        """Looks at a task together with those whose turn comes next."""
        stack, kinds = self._stack, self.kinds
        first = len(stack)
        last = max(0, first - self.CHUNK)
        while first > last and kinds[stack[first - 1]] == _UNSEEN:
            first -= 1
        self._completeness.examine([*stack[first:], index])

    def _needs(self, index: int, task: Task, quiet: bool) -> array[int] | None:
        kind = self.kinds[index]
        if kind == Kind.COMPLETE:
            if not quiet:
                task.trigger_event(Event.DEPENDENCY_PRESENT, task)
            if not self._options.force or self._completeness.is_external(index):
                return None
        elif kind in (Kind.EXTERNAL_ABSENT, Kind.BROKEN):
            if not quiet:
                task.trigger_event(Event.DEPENDENCY_MISSING, task)
            return None
        try:
            needed = task.deps()
            for dependency in needed:
                if type(dependency) not in self._index:
                    self._must_be_task(dependency, task)
        except Exception as error:
            self._completeness.break_(index, error, "requires()")
            task.trigger_event(Event.BROKEN_TASK, task, error)
            return None
        numbers, named_by, fresh = array("i"), self._named_by, self._stack
        for dependency in needed:
            number = self._number(dependency, fresh)
            if not quiet:
                task.trigger_event(Event.DEPENDENCY_DISCOVERED, task, dependency)
            if named_by[number] != index:
                named_by[number] = index
                numbers.append(number)
        return numbers or None

    def _must_be_task(self, value: object, parent: Task | None) -> None:
        if isinstance(value, Task):
            return
        if isinstance(value, Target):
            problem = "requires() returned a Target; wrap it in an ExternalTask"
        else:
            problem = f"a task was expected, not {type(value).__name__} {value!r:.80}"
        if parent is None:
            raise MartletError(Diagnostic(Code.NOT_A_TASK, repr(value)[:80], problem))
        raise TypeError(problem)

    def _number(self, task: Task, fresh: list[int]) -> int:
        """The number of a task; a new one is appended to `fresh`."""
        cls = type(task)
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
            self._named_by.append(-1)
            fresh.append(index)
        return index

    def _look_at(self, cls: type[Task]) -> None:
        family = cls.get_task_family()
        if family not in self.families:
            self.families.append(family)
        self._traits[cls] = Traits.of(cls, self.families.index(family))

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
        return requirement

    def _hand_over(self) -> None:
        if len(self._columns):
            self._run.plan(self._columns.take())
            self._collector.settle()

    def _report(self) -> None:
        now = time.monotonic()
        if now - self._last_report > 0.25:
            self._last_report = now
            self._reporter.planning(len(self.tasks))

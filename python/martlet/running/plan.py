"""From root tasks to a complete plan: which tasks there are, who needs whom, what is there already."""

from __future__ import annotations

import json
import time
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from .. import time_limit, user_frames
from ..diagnostics import Code, Diagnostic, MartletError
from ..events import Event
from ..structure import flatten
from ..targets.base import Target
from ..task import Task
from .description import describe
from .options import Options
from .sharing import SharedOutputs
from .traits import Traits

if TYPE_CHECKING:
    from .._bridge import Run
    from .reporter import Reporter


_TERMS = ("resources", "retry", *time_limit.ATTRIBUTES)
"""Attributes that an instance may have of its own and that decide how it is run."""


class Kind(IntEnum):
    """The same numbers as `PlannedTask.Kind` in the engine."""

    COMPLETE = 0
    OUTPUT_ABSENT = 1
    INCOMPLETE = 2
    WITHOUT_OUTPUTS = 3
    EXTERNAL_ABSENT = 4
    BROKEN = 5
    FORCED = 6
    GATHERS = 7


@dataclass(frozen=True)
class Fault:
    """Why a task cannot be planned."""

    cause: str
    """One line."""
    details: str
    """Traceback with the user's frames."""


class Planner:
    """Walks from the roots to everything that is needed, in luigi's order: depth first, last dependency first.

    Completeness is asked for all new dependencies of a task at once; tasks that are complete are not asked for what
    they need (unless something is forced: then the whole graph is looked at).
    """

    #: rows handed to the engine at once
    CHUNK = 8192

    def __init__(self, run: Run, options: Options, reporter: Reporter) -> None:
        self._run = run
        self._options = options
        self._reporter = reporter
        self.tasks: list[Task] = []
        self.dependencies: list[array[int] | None] = []
        self.families: list[str] = []
        self.traits: list[Traits] = []
        self.faults: dict[int, Fault] = {}
        self.kinds = bytearray()
        self.force_unmatched = set(options.force)
        """Patterns of --force that fitted no task so far."""
        self._index: dict[type[Task], dict[object, int]] = {}
        self._traits: dict[type[Task], Traits] = {}
        self._columns = _Columns()
        self._last_report = time.monotonic()
        self.shared = SharedOutputs(self, run)

    def plan(self, roots: Sequence[Task]) -> array[int]:
        """Plans everything that the roots need. Returns the indices of the roots."""
        indices = array("i")
        for root in roots:
            self._must_be_task(root, None)
            fresh: list[int] = []
            indices.append(self._number(root, fresh))
            self._examine(fresh)
            self._walk(fresh)
        self._hand_over()
        self.shared.refuse()
        return indices

    def plan_more(self, tasks: Sequence[Task], asker: int) -> array[int]:
        """Plans what the running task number `asker` asks for.

        Returns the indices of those tasks; raises TypeError for other things.
        """
        known = len(self.tasks)
        indices = array("i")
        for task in tasks:
            if not isinstance(task, Task):
                raise TypeError(f"run() yielded {task!r:.80}, which is no task")
            fresh: list[int] = []
            indices.append(self._number(task, fresh))
            self._examine(fresh)
            self._walk(fresh, hand_over=False)
        self.shared.asked(asker, indices)
        for index, cause in self.shared.faults().items():
            self._spoil(index, cause)
        new = {str(index): describe(self.tasks[index]) for index in range(known, len(self.tasks))}
        if new:
            self._run.describe(json.dumps(new))
        self._hand_over()
        return indices

    def will_run(self, index: int) -> bool:
        """Whether a task is to run, as far as it alone is known."""
        return self.kinds[index] not in (Kind.COMPLETE, Kind.EXTERNAL_ABSENT, Kind.BROKEN)

    def family_index(self, family: str) -> int | None:
        """The number of a family among those planned; None when no task has it."""
        return self.families.index(family) if family in self.families else None

    # ---- the walk

    def _walk(self, stack: list[int], *, hand_over: bool = True) -> None:
        while stack:
            index = stack.pop()
            fresh: list[int] = []
            dependencies = self._needs(index, fresh)
            self._examine(fresh)
            stack.extend(fresh)
            self._add_row(index, dependencies)
            if hand_over and len(self._columns) >= self.CHUNK:
                self._hand_over()
            self._report()

    def _needs(self, index: int, fresh: list[int]) -> array[int] | None:
        kind = self.kinds[index]
        task = self.tasks[index]
        if kind == Kind.COMPLETE:
            task.trigger_event(Event.DEPENDENCY_PRESENT, task)
            if not self._options.force or self._is_external(index):
                return None
        elif kind in (Kind.EXTERNAL_ABSENT, Kind.BROKEN):
            task.trigger_event(Event.DEPENDENCY_MISSING, task)
            return None
        try:
            needed = task.deps()
            for dependency in needed:
                self._must_be_task(dependency, task)
        except Exception as error:
            self._break(index, error, "requires()")
            task.trigger_event(Event.BROKEN_TASK, task, error)
            return None
        numbers = array("i")
        seen: set[int] = set()
        for dependency in needed:
            number = self._number(dependency, fresh)
            task.trigger_event(Event.DEPENDENCY_DISCOVERED, task, dependency)
            if number not in seen:
                seen.add(number)
                numbers.append(number)
        return numbers

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
            self.kinds.append(Kind.INCOMPLETE)
            fresh.append(index)
        return index

    def _look_at(self, cls: type[Task]) -> None:
        family = cls.get_task_family()
        if family not in self.families:
            self.families.append(family)
        self._traits[cls] = Traits.of(cls, self.families.index(family))

    # ---- completeness

    def _examine(self, fresh: Iterable[int]) -> None:
        """Finds out what is complete among new tasks: one pass over all their local outputs in the engine."""
        paths: list[str] = []
        counts = array("i")
        asked = array("i")
        for index in fresh:
            traits = self.traits[index]
            try:
                kind = self._look(index, traits, paths, counts, asked)
            except Exception as error:
                self._break(index, error, "complete()" if not traits.plain else "output()")
            else:
                if kind is not None:
                    self._classify(index, kind)
        if asked:
            answers = self._run.check(paths, counts.tobytes(), asked.tobytes(), bool(self._options.force))
            for index, answer in zip(asked, array("i", answers), strict=True):
                if answer == -1:
                    self._classify(index, Kind.COMPLETE)
                elif answer >= 0:
                    self._classify(index, Kind.OUTPUT_ABSENT)
                else:
                    self._unreachable(index, paths[-2 - answer])

    def _look(
        self, index: int, traits: Traits, paths: list[str], counts: array[int], asked: array[int]
    ) -> Kind | None:
        task = self.tasks[index]
        if traits.gathers:
            return Kind.GATHERS
        if not traits.plain:
            answer = task.complete()
            if answer not in (True, False):
                raise TypeError(f"complete() must return True or False, not {answer!r}")
            return Kind.COMPLETE if answer else Kind.INCOMPLETE
        outputs = flatten(task.output())
        if not outputs:
            return Kind.WITHOUT_OUTPUTS
        local = [target.bulk_path() for target in outputs]
        if None in local:
            return Kind.COMPLETE if all(target.exists() for target in outputs) else Kind.OUTPUT_ABSENT
        for path in local:
            if path is not None and ("\0" in path or not _is_text(path)):
                raise ValueError(f"{path!r} cannot be looked at: it holds NUL characters, or bytes that are no UTF-8")
        paths.extend(path for path in local if path is not None)
        counts.append(len(local))
        asked.append(index)
        return None

    def _classify(self, index: int, kind: Kind) -> None:
        forced = bool(self._options.force) and not self._is_external(index) and self._is_forced(index)
        if kind == Kind.COMPLETE:
            if forced:
                kind = Kind.FORCED
        elif self._is_external(index):
            kind = Kind.EXTERNAL_ABSENT
        elif self.tasks[index].disabled:
            kind = Kind.BROKEN
            self.faults[index] = Fault("the task is disabled", "")
        self.kinds[index] = kind

    def _is_external(self, index: int) -> bool:
        # an instance can be made external as well (externalize)
        return self.traits[index].external or self.tasks[index].__dict__.get("run", self) is None

    def _is_forced(self, index: int) -> bool:
        family, task_id = self.families[self.traits[index].family], self.tasks[index].task_id
        fitting = {p for p in self._options.force if fnmatchcase(family, p) or fnmatchcase(task_id, p)}
        self.force_unmatched -= fitting
        return bool(fitting)

    def _break(self, index: int, error: BaseException, where: str) -> None:
        self.kinds[index] = Kind.BROKEN
        self.faults[index] = Fault(f"{where} raised {user_frames.one_line(error)}", user_frames.text(error))

    def _unreachable(self, index: int, path: str) -> None:
        self.kinds[index] = Kind.BROKEN
        self.faults[index] = Fault(f"cannot tell whether {path} exists: {_why_unreachable(path)}", "")

    def _spoil(self, index: int, cause: str) -> None:
        """Makes a task broken that was planned and not handed over yet."""
        self.kinds[index] = Kind.BROKEN
        self.faults[index] = Fault(cause, "")
        self._columns.change(index, Kind.BROKEN)

    # ---- to the engine

    def _add_row(self, index: int, dependencies: array[int] | None) -> None:
        traits = self.traits[index]
        self.dependencies[index] = dependencies
        try:
            priority, requirement = traits.priority_of(self.tasks[index]), self._requirement(index)
        except Exception as error:  # user code: a property
            self._break(index, error, "priority, resources or time limit")
            priority, requirement = 0.0, 0
        self._columns.add(index, self.kinds[index], traits.family, priority, requirement, dependencies)

    def _requirement(self, index: int) -> int:
        traits, task = self.traits[index], self.tasks[index]
        constant = traits.constant and task.__dict__.keys().isdisjoint(_TERMS)
        if constant and traits.requirement is not None:
            return traits.requirement
        requirement = self._run.terms(traits.terms(task, self._options))
        if constant:
            traits.requirement = requirement
        return requirement

    def _hand_over(self) -> None:
        if len(self._columns):
            self._run.plan(self._columns.take())

    def _report(self) -> None:
        now = time.monotonic()
        if now - self._last_report > 0.25:
            self._last_report = now
            self._reporter.planning(len(self.tasks))


class _Columns:
    """Planned tasks on their way to the engine, one column a property."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._index, self._kind, self._family = array("i"), bytearray(), array("i")
        self._priority, self._requirement = array("d"), array("i")
        self._count, self._dependencies = array("i"), array("i")

    def __len__(self) -> int:
        return len(self._index)

    def add(
        self, index: int, kind: int, family: int, priority: float, requirement: int, dependencies: array[int] | None
    ) -> None:
        self._index.append(index)
        self._kind.append(kind)
        self._family.append(family)
        self._priority.append(priority)
        self._requirement.append(requirement)
        if dependencies is None:
            self._count.append(0)
        else:
            self._count.append(len(dependencies))
            self._dependencies.extend(dependencies)

    def change(self, index: int, kind: int) -> None:
        """Gives a task that was added another kind."""
        self._kind[self._index.index(index)] = kind

    def take(self) -> tuple[bytes, bytes, bytes, bytes, bytes, bytes, bytes]:
        columns = (
            self._index.tobytes(),
            bytes(self._kind),
            self._family.tobytes(),
            self._priority.tobytes(),
            self._requirement.tobytes(),
            self._count.tobytes(),
            self._dependencies.tobytes(),
        )
        self._clear()
        return columns


def _is_text(path: str) -> bool:
    """Whether a path survives the bridge, which takes UTF-8: names in other encodings arrive as surrogates."""
    return path.isascii() or not any("\ud800" <= character <= "\udfff" for character in path)


def _why_unreachable(path: str) -> str:
    """Asks once more, for the operating system's own words."""
    import os

    try:
        os.stat(path)
    except OSError as error:
        return error.strerror or str(error)
    return "it could not be looked at a moment ago"

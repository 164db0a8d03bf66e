"""Two tasks that would make one file: noticed while planning, before either has run."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from .. import _bridge
from ..diagnostics import Code, Diagnostic, MartletError
from ..structure import flatten
from ..task import Task
from .completeness import Kind
from .states import State
from .title import title

if TYPE_CHECKING:
    from .._bridge import Run
    from .plan import Planner
    from .reporter import Reporter

_MOST = 100
"""So many collisions are looked for: one mistake in a class makes as many as it has tasks."""
_BY_REPORT = (Kind.COMPLETE, Kind.BY_REPORT, Kind.BY_REPORT_THERE)
_TO_RUN = (State.WAITING, State.READY, State.RUNNING)


class Collision(NamedTuple):
    """Two tasks that run, neither of which needs the other, and what both name as their output."""

    first: int
    second: int
    path: str


class _Group(NamedTuple):
    """Tasks that seem to name one path."""

    members: list[int]
    awaits: int | None = None
    """A task that may turn out to connect them, once it is known what it needs."""


class SharedOutputs:
    """Judges the pairs of tasks that the engine saw name one path.

    A task may name what another makes if it needs that one, directly or through others: it passes it on. Tasks that
    have no run() of their own make nothing.
    """

    def __init__(self, planner: Planner, run: Run) -> None:
        self._planner = planner
        self._run = run
        self._asked: dict[int, list[int]] = {}
        self._undecided: dict[int, _Group] = {}
        """By its first member: groups that are judged once more of the plan is known."""
        self._unvisited: frozenset[int] = frozenset()
        self._decided: set[int] = set()
        """Tasks that run because of what reports say, although nothing was seen to lack."""
        self._known_up_to = 0
        """Up to here tasks are known to run or not to."""
        self._paths: dict[int, dict[str, str]] = {}
        self._direct: dict[int, frozenset[int]] = {}
        """Names of outputs, and what tasks need, of those that were asked for in the judgement under way."""
        self.notes: list[str] = []
        """What is permitted, but worth a word."""

    def asked(self, task: int, needs: array[int]) -> None:
        """A running task needs these too."""
        self._asked.setdefault(task, []).extend(needs)

    def asked_by(self, task: int) -> Sequence[int]:
        """What a task needs that it has asked for while it ran."""
        return self._asked.get(task, ())

    def name_decided(self) -> None:
        """Tells the engine what those tasks name that run because reports say so: it has looked at none of that, or has
        found it there. To be called once it is known of all that were planned whether they run."""
        states = self._run.states()
        begin, self._known_up_to = self._known_up_to, len(self._planner.tasks)
        self._name([index for index in range(begin, self._known_up_to) if states[index] in _TO_RUN])

    def name_unreported(self) -> None:
        """The same for those of which that is sure before the engine hears of them: no report says they are done."""
        indices = range(self._known_up_to, len(self._planner.tasks))
        self._name([index for index in indices if not self._planner.reports.is_done(index)], _BY_REPORT[1:])

    def _name(self, indices: Sequence[int], kinds: Sequence[Kind] = _BY_REPORT) -> None:
        planner = self._planner
        decided = [
            index
            for index in indices
            if planner.kinds[index] in kinds and index not in self._decided and not planner.traits[index].whole
        ]
        self._decided.update(decided)
        named = [[*self._named(index)] for index in decided]
        counts, tasks = array("i", map(len, named)), array("i", decided)
        self._run.names([path for paths in named for path in paths], counts.tobytes(), tasks.tobytes())

    def _named(self, index: int) -> Iterator[str]:
        try:
            outputs = flatten(self._planner.tasks[index].output())
            yield from (path for target in outputs for path in target.bulk_locations() or () if _can_be_told(path))
        except Exception:  # user code: it is told of when the task runs
            return

    def refuse(self) -> None:
        """Raises MartletError where two of the tasks planned since the last call would make one file."""
        errors = self._errors(_MOST)
        if errors:
            collision = errors[0]
            cause = f"{collision.path} is made by {self._title(collision.second)} as well"
            if len(errors) > 1:
                more = f"{len(errors) - 1}{' or more' if len(errors) == _MOST else ''}"
                cause += f" (and {more} more pairs of tasks share an output)"
            raise MartletError(Diagnostic(Code.SHARED_OUTPUT, self._title(collision.first), cause))

    def tell(self, reporter: Reporter) -> None:
        """Says before the run what may surprise after it."""
        if self.notes:
            more = f" (and {len(self.notes) - 1} more pairs of tasks share an output)" if len(self.notes) > 1 else ""
            reporter.note(self.notes[0] + more)

    def faults(self) -> dict[int, str]:
        """Why tasks that have not begun cannot run: others, that may run already, make the same file."""
        faults = {}
        for collision in self._errors(None):
            refused, other = collision.second, collision.first
            if self._has_begun(refused):
                refused, other = other, refused
            faults[refused] = (
                f"{collision.path} is made by {self._title(other)} as well: give each an output of its own, "
                "or both classes `allow_shared_output = True`"
            )
        return faults

    def _errors(self, most: int | None) -> list[Collision]:
        tasks = self._planner.tasks
        errors: list[Collision] = []
        self._paths.clear()
        self._direct.clear()
        for collision in self._collisions():
            pair = tasks[collision.first], tasks[collision.second]
            if all(task.allow_shared_output for task in pair):
                continue
            if any(task.shared_output_fails for task in pair):
                errors.append(collision)
            else:
                first, second = (title(task) for task in pair)
                self.notes.append(f"{first} and {second} both make {collision.path}: the one that runs last wins")
            if most in (len(errors), len(self.notes)):
                break
        return errors

    def _collisions(self) -> Iterator[Collision]:
        pairs = array("i", self._run.shared_outputs())
        if not pairs and not self._undecided:
            return
        self._unvisited = frozenset(self._planner.unvisited())
        groups = self._undecided
        for first, second in zip(pairs[::2], pairs[1::2], strict=True):
            members = groups[first].members if first in groups else [first] if self._makes(first) else []
            if self._makes(second):
                members.append(second)
            groups[first] = _Group(members)
        self._undecided = {}
        for first, group in groups.items():
            if group.awaits in self._unvisited:
                self._undecided[first] = group
            elif len(group.members) > 1:
                yield from self._judged(first, group.members)

    def _judged(self, first: int, members: list[int]) -> Iterator[Collision]:
        names = self._names(first) if len(members) > 2 or not self._related(*members) else {}
        for name, path in names.items():
            same = members if len(names) == 1 else [other for other in members if name in self._names(other)]
            for collision in self._unrelated(name, path, same):
                awaits = self._awaited(collision)
                if awaits is None:
                    yield collision
                else:
                    self._undecided[first] = _Group(members, awaits)

    def _awaited(self, collision: Collision) -> int | None:
        """A task that one of the two needs, and of which it is not known yet what it needs itself."""
        for index in collision[:2] if self._unvisited else ():
            reached = self._reached(index)
            if not self._unvisited.isdisjoint(reached):
                return next(iter(self._unvisited & reached))
        return None

    def _unrelated(self, name: str, path: str, members: list[int]) -> Iterator[Collision]:
        """Of tasks that seem to name one path, those that do not get it from the one that makes it."""
        maker = members[0]
        for other in members[1:]:
            if self._needs(maker, other):
                maker = other
        for other in members:
            if other == maker or self._needs(other, maker):
                continue
            # the engine tells paths apart by numbers
            if name in self._names(other) and name in self._names(maker):
                yield Collision(min(maker, other), max(maker, other), path)

    def _has_begun(self, index: int) -> bool:
        states = self._run.states()
        return index < len(states) and states[index] not in (State.UNSEEN, State.WAITING)

    def _makes(self, index: int) -> bool:
        planner = self._planner
        return (planner.will_run(index) or index in self._decided) and type(planner.tasks[index]).run is not Task.run

    def _related(self, one: int, other: int) -> bool:
        return self._needs(one, other) or self._needs(other, one)

    def _needs(self, task: int, other: int) -> bool:
        """Whether a task needs another, directly or through tasks that are not complete."""
        direct = self._direct.get(task)
        if direct is None:
            direct = self._direct[task] = frozenset(self._planner.dependencies[task] or ())
        return other in direct or other in self._reached(task, other)

    def _reached(self, task: int, until: int | None = None) -> set[int]:
        """A task and all that it needs, as far as known; no more than up to `until`."""
        seen = {task}
        stack = [task]
        while stack and until not in seen:
            index = stack.pop()
            needed = [*(self._planner.dependencies[index] or ()), *self._asked.get(index, ())]
            fresh = [number for number in needed if number not in seen]
            seen.update(fresh)
            stack += fresh
        return seen

    def _names(self, index: int) -> dict[str, str]:
        """Real paths of a task's outputs, each with the path as the task spells it."""
        known = self._paths.get(index)
        if known is not None:
            return known
        outputs = flatten(self._planner.tasks[index].output())
        paths = [path for target in outputs for path in target.bulk_locations() or ()]
        found = self._paths[index] = {_real(path): _bridge.without_credentials(path) for path in paths}
        return found

    def _title(self, index: int) -> str:
        return title(self._planner.tasks[index])


def _can_be_told(path: str) -> bool:
    """Whether the engine can take a path: another cannot be made either."""
    try:
        return "\0" not in path and bool(path.encode())
    except UnicodeEncodeError:
        return False


def _real(path: str) -> str:
    path = path.removeprefix("file://")
    if "://" in path:
        scheme, _, rest = path.partition("://")
        return f"{scheme}://{os.path.normpath(rest)}"
    folder, name = os.path.split(os.path.normpath(path))
    return os.path.join(os.path.realpath(folder), name)

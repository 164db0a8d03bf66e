"""Finding out which of many new tasks are complete, with one pass over all their outputs."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from .. import _bridge, user_frames
from ..data import Data
from ..structure import flatten
from ..targets.base import Target
from ..targets.local import LocalTarget
from ..task import Task
from .completion import BOTH, REPORTS, CompletionRules
from .options import Options
from .traits import Traits

if TYPE_CHECKING:
    from .._bridge import Run


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
    BY_REPORT = 8
    BY_REPORT_THERE = 9
    BY_REPORT_ABSENT = 10


_UNKNOWN = 2
"""How the engine calls what cannot be found out."""
_COMPLETE, _OUTPUT_ABSENT = int(Kind.COMPLETE), int(Kind.OUTPUT_ABSENT)


class Fault(Data):
    """Why a task cannot be planned."""

    cause: str
    """One line."""
    details: str
    """Traceback with the user's frames."""
    error: BaseException | None = None
    """What the user's code raised, or what was wrong with its answer."""
    is_unseen: bool = False
    """Nothing is wrong with the task: what lies where its outputs belong could not be found out."""
    has_job: bool = False
    """Nothing is wrong with the task: a job in another batch system may be doing it."""


class Completeness:
    """Gives tasks their kinds: asks classes with a complete() of their own, and looks at the outputs of all others."""

    def __init__(
        self, run: Run, options: Options, tasks: Sequence[Task], traits: Sequence[Traits], rules: CompletionRules
    ) -> None:
        self._run = run
        self._force = options.force
        self._limit = options.task_limit
        self._retries = options.retry_external
        self._tasks = tasks
        self._traits = traits
        self.kinds = bytearray()
        """One `Kind` a task."""
        self.faults: dict[int, Fault] = {}
        self.force_unmatched = set(options.force)
        """Patterns of --force that fitted no task so far."""
        self.absent: dict[int, str] = {}
        """The local file that is all a task makes, as long as that was seen to lack and the task has not run."""
        self.lacking: dict[int, str] = {}
        """Of tasks with several outputs, some in remote stores: the first that was seen to lack."""
        self._paths: list[str] = []
        self._counts, self._asked = array("i"), array("i")
        self._judged: list[tuple[int, Sequence[Target], list[list[str]]]] = []
        """Tasks whose outputs judge for themselves: number, outputs, of each its files."""
        self._remote = False
        """Remote stores were asked."""
        self._rules = rules
        self._verified: list[int] = []
        """Tasks whose reports decide once their outputs were looked at."""
        self._anew = 0
        """1: what was seen of remote stores before does not count."""

    @contextmanager
    def anew(self) -> Iterator[None]:
        """Within it, remote stores are asked again: things have happened since."""
        self._anew = 1
        try:
            yield
        finally:
            self._anew = 0

    def examine(self, fresh: Sequence[int]) -> None:
        """Finds the kinds of new tasks."""
        if self._limit is not None:
            fresh = self._within(self._limit, fresh)
        tasks, traits_of = self._tasks, self._traits
        paths, counts, asked = self._paths, self._counts, self._asked
        for index in fresh:
            task, traits = tasks[index], traits_of[index]
            try:
                if not traits.usual and self._is_settled_otherwise(index, task, traits):
                    continue
                output = task.output()
                # by far the most tasks make one file
                if (
                    (output.__class__ is LocalTarget or isinstance(output, LocalTarget))
                    and (path := output.bulk_path()) is not None
                    and ((path.isascii() and "\0" not in path) or _can_cross(path))
                ):
                    paths.append(path)
                    counts.append(1)
                    asked.append(index)
                else:
                    self._note_outputs(index, output)
            except Exception as error:  # user code
                self.break_(index, error, "output()" if traits.plain else "complete()")
        if asked:
            self._look()
        if self._judged:
            self._judge()
        if self._verified:
            self._leave_to_reports()

    def _is_settled_otherwise(self, index: int, task: Task, traits: Traits) -> bool:
        """Gives a task its kind if its outputs have no say in that."""
        if traits.trouble is not None:
            raise traits.trouble
        if traits.gathers or not traits.plain:
            self._classify(index, Kind.GATHERS if traits.gathers else _ask(task))
            return True
        if self.is_external(index) or task.disabled:
            return False
        rule = traits.complete_by or self._rules.by_place(task)
        if rule == BOTH:
            self._verified.append(index)
        elif rule == REPORTS:
            self._classify(index, Kind.BY_REPORT)
            return True
        return False

    def _leave_to_reports(self) -> None:
        """Tasks whose outputs were looked at, and whose reports decide."""
        verified, self._verified = self._verified, []
        kinds = {
            Kind.COMPLETE: Kind.BY_REPORT_THERE,
            Kind.OUTPUT_ABSENT: Kind.BY_REPORT_ABSENT,
            Kind.WITHOUT_OUTPUTS: Kind.BY_REPORT,  # nothing to verify
        }
        for index in verified:
            self.kinds[index] = kinds.get(Kind(self.kinds[index]), Kind(self.kinds[index]))

    def _within(self, limit: int, fresh: Sequence[int]) -> Sequence[int]:
        """Those of the tasks that may still be planned; the others cannot run."""
        for index in fresh:
            if index >= limit:
                self.spoil(index, Fault(f"no more than {limit} tasks are to be planned", ""))
        return [index for index in fresh if index < limit]

    def break_(self, index: int, error: BaseException, where: str) -> None:
        """The task cannot be planned: its `where` raised."""
        self.spoil(index, Fault(f"{where} raised {user_frames.one_line(error)}", user_frames.text(error), error))

    def spoil(self, index: int, fault: Fault) -> None:
        """The task cannot be planned."""
        self.kinds[index] = Kind.BROKEN
        self.faults[index] = fault

    def is_external(self, index: int) -> bool:
        """Whether the task is made elsewhere; an instance can be made external as well (externalize)."""
        return self._traits[index].external or self._tasks[index].__dict__.get("run", self) is None

    def _note_outputs(self, index: int, output: Any) -> None:
        outputs = flatten(output)
        if not outputs:
            return self._classify(index, Kind.WITHOUT_OUTPUTS)
        simple = [target.bulk_location() for target in outputs]
        if None in simple:
            return self._note_judged(index, outputs)
        self._paths += [self._location(location) for location in simple]
        self._counts.append(len(simple))
        self._asked.append(index)
        return None

    def _note_judged(self, index: int, outputs: Sequence[Target]) -> None:
        """Outputs of which it takes more than that all their files are there, or less."""
        groups = [target.bulk_locations() for target in outputs]
        if None in groups:
            return self._ask_each(index, outputs)
        self._judged.append((index, outputs, [[self._location(one) for one in group or ()] for group in groups]))
        return None

    def _ask_each(self, index: int, outputs: Sequence[Any]) -> None:
        there = all(target.exists() for target in outputs)
        self._classify(index, Kind.COMPLETE if there else Kind.OUTPUT_ABSENT)

    def _location(self, location: str) -> str:
        """As the engine takes it. Raises ValueError for what it cannot look at."""
        if not _can_cross(location):
            raise ValueError(f"{location!r} cannot be looked at: it holds NUL characters, or bytes that are no UTF-8")
        if "://" not in location:
            return location
        if location.startswith("file://"):
            return location.removeprefix("file://")
        if not self._remote:
            from ..storage.launching import ready  # for those who have remote stores

            ready(location)
            self._remote = True
        return location

    def take_remote(self) -> bool:
        """Whether remote stores were asked since this was called before."""
        remote, self._remote = self._remote, False
        return remote

    def _judge(self) -> None:
        """Looks at all files of outputs that judge for themselves, and has them judge."""
        judged, self._judged = self._judged, []
        # what a workflow makes, its branches make: it is not told to the engine as if both made it
        wholes = [one for one in judged if self._traits[one[0]].whole]
        if wholes:
            self._judge_these(wholes, ())
            judged = [one for one in judged if not self._traits[one[0]].whole]
        if judged:
            self._judge_these(judged, [index for index, _, _ in judged])

    def _judge_these(
        self, judged: Sequence[tuple[int, Sequence[Target], list[list[str]]]], makers: Sequence[int]
    ) -> None:
        """`makers`: who makes those files, all of them or nobody."""
        paths = [path for _, _, groups in judged for group in groups for path in group]
        counts = array("i", [sum(map(len, groups)) for _, _, groups in judged[: len(makers)]])
        found = self._run.look(paths, counts.tobytes(), array("i", makers).tobytes(), self._anew)
        at = 0
        for index, outputs, groups in judged:
            begin = at
            at += sum(map(len, groups))
            if _UNKNOWN in found[begin:at]:
                self._spoil_unreachable(index, paths, found.index(_UNKNOWN, begin))
                continue
            there = True
            for target, group in zip(outputs, groups):
                there = there and target.is_there([found[begin + place] == 1 for place in range(len(group))])
                begin += len(group)
            self._classify(index, Kind.COMPLETE if there else Kind.OUTPUT_ABSENT)

    def _look(self) -> None:
        """Looks at all outputs that were noted."""
        paths, counts, asked = self._paths, self._counts, self._asked
        self._paths, self._counts, self._asked = [], array("i"), array("i")
        answers = array(
            "i", self._run.check(paths, counts.tobytes(), asked.tobytes(), bool(self._force), self._anew)
        )
        tasks, traits_of, forced = self._tasks, self._traits, bool(self._force)
        for index, answer, count in zip(asked, answers, counts):
            if answer >= -1:
                kind = _COMPLETE if answer == -1 else _OUTPUT_ABSENT
                traits = traits_of[index]
                if forced or traits.odd or len(tasks[index].__dict__) != traits.attributes:
                    self._classify(index, Kind(kind))
                else:
                    self.kinds[index] = kind
                if answer >= 0:
                    self._note_absent(index, paths[answer], alone=count == 1)
            else:
                self._spoil_unreachable(index, paths, -2 - answer)

    def _note_absent(self, index: int, location: str, *, alone: bool) -> None:
        if "://" not in location:
            if alone:
                self.absent[index] = location
        elif not alone:
            self.lacking[index] = location

    def _spoil_unreachable(self, index: int, paths: Sequence[str], place: int) -> None:
        """Unreachable is not absent: the task cannot run, with the cause in the store's own words."""
        path = paths[place]
        if "://" in path:
            path, why = _bridge.without_credentials(path), self._run.unreachable(place)
        else:
            why = _why_unreachable(path)
        self.spoil(index, Fault(f"cannot tell whether {path} exists: {why}", "", is_unseen=True))

    def _classify(self, index: int, kind: Kind) -> None:
        traits, task = self._traits[index], self._tasks[index]
        if len(task.__dict__) == traits.attributes and not traits.odd and not self._force:
            self.kinds[index] = kind
            return
        external = self.is_external(index)
        forced = bool(self._force) and not external and self._is_forced(index)
        if kind in (Kind.COMPLETE, Kind.BY_REPORT):
            if forced:
                kind = Kind.FORCED
        elif external:
            kind = Kind.INCOMPLETE if self._retries else Kind.EXTERNAL_ABSENT
        elif task.disabled:
            return self.spoil(index, Fault("the task is disabled", ""))
        self.kinds[index] = kind
        return None

    def _is_forced(self, index: int) -> bool:
        task = self._tasks[index]
        family, task_id = task.task_family, task.task_id
        fitting = {p for p in self._force if fnmatchcase(family, p) or fnmatchcase(task_id, p)}
        self.force_unmatched -= fitting
        return bool(fitting)


def _ask(task: Task) -> Kind:
    answer = task.complete()
    if answer not in (True, False):
        raise TypeError(f"complete() must return True or False, not {answer!r}")
    return Kind.COMPLETE if answer else Kind.INCOMPLETE


def _can_cross(path: str) -> bool:
    """Whether a path survives the bridge, which takes UTF-8: names in other encodings arrive as surrogates."""
    if path.isascii():
        return "\0" not in path
    return not any("\ud800" <= character <= "\udfff" or character == "\0" for character in path)


def _why_unreachable(path: str) -> str:
    """Asks once more, for the operating system's own words."""

    try:
        os.stat(path)
    except OSError as error:
        return error.strerror or str(error)
    return "it could not be looked at a moment ago"

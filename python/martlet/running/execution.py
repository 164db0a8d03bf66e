"""Running one task in this process, and saying how it ended."""

from __future__ import annotations

import json
import os
import time
from array import array
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from types import GeneratorType
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import events, time_limit, user_frames
from .._bridge import stamp
from ..dynamic import DynamicRequirements
from ..events import Event, EventSource
from ..structure import flatten
from ..targets.base import Target
from ..targets.local import LocalTarget
from ..task import Task, plain_completion
from . import unmet
from .causes import kind_of
from .changed import changed_requirements
from .describer import Describer, Inputs, Outputs, encode, names_its_inputs
from .description import describe
from .equipment import UNTOUCHED, Equipment
from .hints import hint
from .lineage import at_work_on
from .made import look
from .outcome import Kind, Outcome
from .surroundings import Surroundings
from .traits import gathers, is_whole

if TYPE_CHECKING:
    from .pupil import Pupil

EXTERNAL_ABSENT = "Task is an external data dependency and data does not exist (yet?)."
"""The words are luigi's."""
_MOST_ANSWERED = 256
"""Tasks that were asked for while running are named in a report up to this many."""
_START, _SUCCESS, _PROCESSING_TIME = Event.START, Event.SUCCESS, Event.PROCESSING_TIME


Stamp = tuple[float, float, int]
"""Seconds of the monotonic clock, seconds of processor time, peak memory in kB: `martlet._engine.stamp`."""


class _Suspended(NamedTuple):
    """A task that waits for what it asked for."""

    generator: Generator[Any, Any, Any]
    requirements: DynamicRequirements
    outcome: Outcome
    """As far as it has come."""


class Habits(NamedTuple):
    """What the tasks of a class do, looked up once a class."""

    gathers: bool
    whole: bool
    """Stands for all branches of a workflow."""
    plain: bool
    """complete() is Task's own: all outputs exist."""
    quiet: bool
    """Nothing of the user's is called around run(), as long as nobody listens to events."""
    checks: bool
    """What the task requires is looked at before run()."""
    straight: bool
    """All that happens after run() is a look at the outputs, as long as nobody listens to events."""
    sums: bool
    """Reports have checksums of the outputs."""

    @classmethod
    def of(cls, task: type[Task], sums: bool) -> Habits:
        quiet = task.on_success is Task.on_success and task.trigger_event is Task.trigger_event
        gathering, plain, checks = gathers(task), plain_completion(task), unmet.checks(task)
        whole = is_whole(task)
        straight = quiet and plain and not (gathering or whole or sums)
        return cls(gathering, whole, plain, quiet, checks, straight, sums)


class Execution:
    """Runs planned tasks by their index, in the process it was made in or in one forked from it."""

    def __init__(
        self,
        tasks: Sequence[Task],
        dependencies: Sequence[array[int] | None],
        check_outputs: bool | None,
        log: Callable[[], int] | None = None,
        pupil: Pupil | None = None,
        sums: Callable[[type[Task]], bool] = lambda cls: False,
    ) -> None:
        """`log`: how long the file is by now to which the process's output is appended; None when it goes to none.

        `pupil`: learns of tasks that are planned later, in a process that was forked; None where they are planned.

        `sums`: says whether reports have checksums of what tasks of a class make.
        """
        self._sums = sums
        self.tasks = tasks
        self.dependencies = dependencies
        self._check_outputs = check_outputs
        self.log = log
        self.surroundings = Surroundings()
        self._equipment: Equipment | None = None
        self.describer = Describer()
        self._habits: dict[type[Task], Habits] = {}
        self._pupil = pupil
        self._late: dict[int, Task] = {}
        """Tasks that were planned after this process was forked."""
        self._suspended: dict[int, _Suspended] = {}
        self.asked: dict[int, list[Task]] = {}
        """What suspended tasks ask for, as objects of this process."""
        self._answered: dict[int, dict[str, None]] = {}
        """Ids of all that tasks have asked for while they ran, and been given."""

    def learn(self, lesson: bytes) -> None:
        """Takes in what was planned since this process was forked."""
        if self._pupil is not None:
            self._pupil.learn(lesson)

    def equip(self, outfit: str = UNTOUCHED) -> None:
        """Sets this process up for the tasks from here on: see `Equipment`."""
        if self._equipment is None:
            if outfit == UNTOUCHED:
                return
            self._equipment = Equipment(self.surroundings)
        self._equipment.change(outfit)

    def log_to(self, log: Callable[[], int] | None) -> Callable[[], int] | None:
        """From here on the output goes to the file that is so long. Returns the length of the one before."""
        before, self.log = self.log, log
        return before

    def run(self, index: int) -> Outcome:
        """Runs a task. Whatever it raises ends in the outcome, KeyboardInterrupt and SystemExit included.

        A task that yields requirements which are not complete is suspended: the outcome asks for them.
        """
        outcome = Outcome(index, time.time_ns())
        outcome.log_offset = self.log_end()
        self._answered.pop(index, None)
        return self._go_on(outcome, None)

    def resume(self, index: int) -> Outcome:
        """Goes on with a suspended task: what it asked for is complete."""
        suspended = self._suspended.pop(index)
        return self._go_on(suspended.outcome, suspended)

    def forget(self, index: int) -> None:
        """Drops a suspended task: its generator is closed, so that its `finally` blocks run."""
        suspended = self._suspended.pop(index, None)
        self.asked.pop(index, None)
        if suspended is not None:
            try:
                suspended.generator.close()
            except Exception:  # user code; the task's end is told already
                import traceback  # needed by failures alone

                traceback.print_exc()
            self.surroundings.restore()

    def _go_on(self, outcome: Outcome, suspended: _Suspended | None) -> Outcome:
        since = stamp()
        try:
            task = self.task(outcome.task)
        except BaseException as error:  # user code that is imported: its fault, whatever it is, is the task's
            outcome.kind = Kind.COULD_NOT_START
            outcome.text = f"{user_frames.one_line(error)}\n\n{user_frames.text(error)}"
            outcome.fragment = encode({"task": f"#{outcome.task}", "family": "", "params": {}})
            return outcome
        at_work_on(task)
        habits = self.habits(type(task))
        quiet = habits.quiet and not EventSource._event_callbacks
        if suspended is None:
            return self._to_the_end(task, outcome, since, quiet, lambda: self._perform(task, outcome, habits, quiet))
        generator, met = suspended.generator, suspended.requirements
        return self._to_the_end(task, outcome, since, quiet, lambda: self._drive(task, outcome, habits, generator, met))

    def go_on_after(
        self, index: int, since: Stamp, log_offset: int, result: object, error: BaseException | None = None
    ) -> Outcome:
        """Goes on with a task whose run() was called by someone else, and returned `result` or raised `error`.

        :param since: the stamp at which it began, `log_offset` the length of the log then.
        """
        task = self.task(index)
        outcome = Outcome(index, time.time_ns() - int((stamp()[0] - since[0]) * 1e9))
        outcome.log_offset = log_offset
        habits = self.habits(type(task))

        def act() -> None:
            if error is not None:
                self.surroundings.restore()
                raise error
            self._settle(task, outcome, habits, result, True)

        return self._to_the_end(task, outcome, since, True, act)

    def _to_the_end(
        self, task: Task, outcome: Outcome, since: Stamp, quiet: bool, act: Callable[[], None]
    ) -> Outcome:
        """Lets the task act, and completes the outcome."""
        try:
            act()
        except BaseException as error:  # the fault is the task's, whatever it is; the engine lives on
            outcome.asks = False
            self._failed(task, outcome, error)
        now, cpu, outcome.peak = stamp()
        outcome.wall += now - since[0]
        outcome.cpu += cpu - since[1]
        if quiet and outcome.kind == 0:
            self.surroundings.flush()
        else:
            self.surroundings.restore()  # the user's handlers are user code too
        if self.log is not None:
            outcome.log_length = self.log_end() - outcome.log_offset
        return outcome

    def requires_something(self, index: int) -> bool:
        """Whether a task was planned with requirements, as far as this process knows."""
        return index >= len(self.dependencies) or self.dependencies[index] is not None

    def habits(self, cls: type[Task]) -> Habits:
        """What tasks of a class do."""
        habits = self._habits.get(cls)
        if habits is None:
            habits = self._habits[cls] = Habits.of(cls, self._sums(cls))
        return habits

    @property
    def learns(self) -> bool:
        """Whether there may be more to know of tasks than what is here: this process was forked."""
        return self._pupil is not None

    def log_end(self) -> int:
        """How long the log is, in bytes; 0 where there is none."""
        return 0 if self.log is None else self.log()

    def _perform(self, task: Task, outcome: Outcome, habits: Habits, quiet: bool) -> None:
        if habits.checks and self.requires_something(outcome.task) and (problem := unmet.unmet(task)):
            raise RuntimeError(problem)
        if not quiet:
            task.trigger_event(_START, task)
        started = 0.0 if quiet else events.clock()
        result = None
        try:
            if callable(task.run):
                result = task.run()
            elif not task.complete():
                return self._absent(task, outcome)
        finally:
            if result.__class__ is not GeneratorType:
                # relative outputs are looked at from where the run began
                self.surroundings.restore()
        self._settle(task, outcome, habits, result, quiet, started)

    def _absent(self, task: Task, outcome: Outcome) -> None:
        """The outcome of a task that is made elsewhere, has had its turn, and is not there."""
        outcome.kind = Kind.RAISED
        outcome.text = EXTERNAL_ABSENT
        outcome.fragment = self.describe(outcome.task, (), task)
        task.trigger_event(events.DATA_ABSENT, task)

    def _settle(
        self, task: Task, outcome: Outcome, habits: Habits, result: object, quiet: bool, started: float = 0.0
    ) -> None:
        """What follows when run() has returned something; it was called at `started`, if that matters."""
        if isinstance(result, GeneratorType):
            self._drive(task, outcome, habits, result, None)
        else:
            self._finish(task, outcome, habits, quiet, 0.0 if quiet else events.clock() - started)

    def _drive(
        self,
        task: Task,
        outcome: Outcome,
        habits: Habits,
        generator: Generator[Any, Any, Any],
        met: DynamicRequirements | None,
    ) -> None:
        """Runs a generator until it has ended, or asks for what is not complete."""
        value = None if met is None else met.paths
        if met is not None:
            self._remember(outcome.task, met)
        try:
            while True:
                asked = generator.send(value)
                requirements = asked if isinstance(asked, DynamicRequirements) else DynamicRequirements(asked)
                for one in requirements.flat_requirements:
                    if not isinstance(one, Task):
                        raise TypeError(f"run() yielded {one!r:.80}, which is no task")
                if not requirements.complete():
                    return self._suspend(outcome, generator, requirements)
                self._remember(outcome.task, requirements)
                value = requirements.paths
        except StopIteration:
            pass
        finally:
            self.surroundings.restore()
        outcome.asks = False
        outcome.text = ""
        self._finish(task, outcome, habits, False, outcome.wall)

    def _remember(self, index: int, requirements: DynamicRequirements) -> None:
        """Notes what a task has asked for and was given, for its report."""
        answered = self._answered.setdefault(index, {})
        for one in requirements.flat_requirements:
            if len(answered) >= _MOST_ANSWERED:
                return
            answered.setdefault(one.task_id)

    def _suspend(
        self, outcome: Outcome, generator: Generator[Any, Any, Any], requirements: DynamicRequirements
    ) -> None:
        wanted = requirements.flat_requirements
        outcome.asks = True
        outcome.text = json.dumps([describe(one) for one in wanted])
        self._suspended[outcome.task] = _Suspended(generator, requirements, outcome)
        self.asked[outcome.task] = wanted

    def _finish(self, task: Task, outcome: Outcome, habits: Habits, quiet: bool, seconds: float) -> None:
        """`seconds`: what run() took, if that is to be told."""
        outputs = self._made(task, outcome, habits)
        if outcome.kind == 0:
            if habits.sums:
                from .checksums import added  # for those who ask for them

                outputs = added(outputs)
            if not quiet:
                task.trigger_event(_PROCESSING_TIME, task, seconds)
                task.on_success()
            outcome.fragment = self.describe(outcome.task, outputs, task)
            if answered := self._answered.pop(outcome.task, None):
                outcome.fragment += "," + encode({"asked": list(answered)})
            if not quiet:
                task.trigger_event(_SUCCESS, task)
        else:
            outcome.fragment = self.describe(outcome.task, (), task)
            task.trigger_event(Event.FAILURE, task, RuntimeError(outcome.text))

    def _made(self, task: Task, outcome: Outcome, habits: Habits) -> Outputs:
        """The outputs that are there; marks the outcome where one that must be there is not."""
        must = task.check_outputs if self._check_outputs is None else self._check_outputs
        if habits.gathers:
            return ()  # what it needs is done, or it would not run
        if habits.whole:
            return self._made_by_branches(task, outcome)
        if not habits.plain:
            if must and not task.complete():
                outcome.kind = Kind.OUTPUTS_NOT_MADE
                outcome.text = "run() returned, and complete() still says no"
            return ()
        output = task.output()
        if isinstance(output, LocalTarget) and (path := output.bulk_path()) is not None:
            try:
                status = os.stat(path)
                return ((path, status.st_size, status.st_mtime_ns),)
            except OSError:
                pass  # told below
        return self._made_of(flatten(output), outcome, must)

    def _made_by_branches(self, task: Any, outcome: Outcome) -> Outputs:
        """Nothing: branches have reports of their own. Marks the outcome of a workflow of which too little is there."""
        output = task.output()
        if flatten(output) and not task.complete():
            outcome.kind = Kind.OUTPUTS_NOT_MADE
            outcome.text = task.what_is_there()
        return ()

    def _made_of(self, targets: Sequence[Target], outcome: Outcome, must: bool) -> Outputs:
        made, absent = look(targets)
        if absent and must:
            outcome.kind = Kind.OUTPUTS_NOT_MADE
            outcome.text = f"run() returned without having made {absent}"
        elif absent:
            outcome.text = f"run() returned without having made {absent}: whoever needs it may fail"
        return made

    def _failed(self, task: Task, outcome: Outcome, error: BaseException) -> None:
        outcome.kind = kind_of(error)
        outcome.text = f"{user_frames.one_line(error)}\n\n{user_frames.text(error)}"
        if way_out := hint(error):
            outcome.text += f"\nhint: {way_out}"
        if changed := self._changed(outcome.task, task):
            outcome.text += f"\nhint: {changed}"
        self.tell_failed(task, outcome, error)
        outcome.fragment = self.describe(outcome.task, ())

    @staticmethod
    def tell_failed(task: Task, outcome: Outcome, error: BaseException) -> None:
        """Tells the task, and those who listen, that it has failed."""
        try:
            task.on_failure(error)
            task.trigger_event(Event.FAILURE, task, error)
        except BaseException as another:  # the user's on_failure() is user code too
            outcome.text += f"\n\non_failure() raised as well:\n{user_frames.text(another)}"

    def refused(self, index: int, error: BaseException) -> Outcome:
        """The outcome of a task that could not be prepared."""
        outcome = Outcome(index, time.time_ns())
        self._failed(self.task(index), outcome, error)
        return outcome

    def _changed(self, index: int, task: Task) -> str:
        """What a task requires now and did not when it was planned, in words."""
        needed = self.dependencies[index] if index < len(self.dependencies) else None
        return "" if needed is None else changed_requirements(task, [self.task(number) for number in needed])

    def lost(self, index: int) -> Outcome:
        """The outcome of a task whose process is gone or could not be started; the engine knows which, and why."""
        task = self.task(index)
        outcome = Outcome(index, time.time_ns(), Kind.WORKER_LOST)
        outcome.fragment = self.describe(index, ())
        task.trigger_event(Event.PROCESS_FAILURE, task, "the process that was to run it is gone")
        return outcome

    def timed_out(self, index: int) -> Outcome:
        """The outcome of a task that was ended for taking longer than its time limit."""
        task = self.task(index)
        outcome = Outcome(index, time.time_ns(), Kind.TIMED_OUT)
        outcome.fragment = self.describe(index, ())
        limit = f"{time_limit.of(task)}".removesuffix(".0")
        outcome.text = f"took longer than its time limit of {limit} s"
        # the words are luigi's: handlers look for them
        message = f"Task {task.task_id} timed out after {limit} seconds and was terminated."
        task.trigger_event(Event.TIMEOUT, task, message)
        return outcome

    def refuse(self, index: int, why: str) -> Outcome:
        """The outcome of a task that cannot be run here."""
        outcome = Outcome(index, time.time_ns(), Kind.COULD_NOT_START)
        outcome.text = why
        outcome.fragment = self.describe(index, ())
        return outcome

    def task(self, index: int) -> Task:
        """A task by its number. Raises what prevents it from being rebuilt here."""
        if self._pupil is None or index < len(self.tasks):
            return self.tasks[index]
        late = self._late.get(index)
        if late is None:
            late = self._late[index] = self._pupil.task(index)
        return late

    def describe(self, index: int, outputs: Outputs, task: Task | None = None) -> str:
        """The members of the report that only this side knows."""
        needed = self.dependencies[index] if index < len(self.dependencies) else None
        if needed is None and self._pupil is not None:
            needed = self._pupil.needs(index)
        inputs: Inputs = ()
        if needed:
            inputs = [self.task(number) for number in needed] if names_its_inputs(needed) else self._families(needed)
        return self.describer.members(index, task or self.task(index), outputs, inputs)

    def _families(self, numbers: Sequence[int]) -> dict[str, int]:
        """How many of these tasks each family has."""
        classes = Counter(type(self.task(number)) for number in numbers)
        families: dict[str, int] = {}
        for cls, count in classes.items():
            family = cls.get_task_family()
            families[family] = families.get(family, 0) + count
        return families

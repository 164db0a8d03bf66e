"""Running one task in this process, and saying how it ended."""

from __future__ import annotations

import json
import os
import resource
import time
import traceback
from array import array
from collections.abc import Generator, Sequence
from types import GeneratorType
from typing import Any, NamedTuple

from .. import user_frames
from ..dynamic import DynamicRequirements
from ..events import Event, EventSource
from ..parameters.base import ParameterVisibility
from ..structure import flatten
from ..task import Task, plain_completion
from .causes import kind_of
from .description import describe, rebuild
from .hints import hint
from .outcome import Kind, Outcome
from .surroundings import Surroundings
from .title import title
from .traits import gathers

_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_MOST_INPUTS = 16
"""Dependencies are named in a report up to this many; beyond, they are counted."""


class _Suspended(NamedTuple):
    """A task that waits for what it asked for."""

    generator: Generator[Any, Any, Any]
    requirements: DynamicRequirements
    outcome: Outcome
    """As far as it has come."""


class _Undescribed(NamedTuple):
    """A task that is rebuilt when it is needed."""

    description: dict[str, Any]


class Execution:
    """Runs planned tasks by their index, in the process it was made in or in one forked from it."""

    def __init__(
        self,
        tasks: Sequence[Task],
        dependencies: Sequence[array[int] | None],
        check_outputs: bool | None,
        log: int | None = None,
    ) -> None:
        """`log`: the file descriptor to which the process's output is appended; None when it has a terminal."""
        self._tasks = tasks
        self._dependencies = dependencies
        self._check_outputs = check_outputs
        self._log = log
        self._surroundings = Surroundings()
        self._titles: dict[type[Task], bool] = {}
        self._late: dict[int, Task] = {}
        """Tasks that were planned after this process was forked."""
        self._suspended: dict[int, _Suspended] = {}
        self.asked: dict[int, list[Task]] = {}
        """What suspended tasks ask for, as objects of this process."""

    def learn(self, index: int, description: dict[str, Any]) -> None:
        """Takes in a task that this process does not have. What prevents it is that task's failure, when it is run."""
        self._late[index] = _Undescribed(description)  # type: ignore[assignment]

    def run(self, index: int) -> Outcome:
        """Runs a task. Whatever it raises ends in the outcome, KeyboardInterrupt and SystemExit included.

        A task that yields requirements which are not complete is suspended: the outcome asks for them.
        """
        outcome = Outcome(index, start=time.time_ns(), log_offset=self._log_position())
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
                traceback.print_exc()
            self._surroundings.restore()

    def _go_on(self, outcome: Outcome, suspended: _Suspended | None) -> Outcome:
        started, cpu = time.perf_counter(), _cpu_seconds()
        try:
            task = self.task(outcome.task)
        except BaseException as error:
            outcome.kind = Kind.COULD_NOT_START
            outcome.text = f"{user_frames.one_line(error)}\n\n{user_frames.text(error)}"
            outcome.fragment = _members({"task": f"#{outcome.task}", "family": "", "params": {}})
            return outcome
        try:
            if suspended is None:
                self._perform(task, outcome)
            else:
                self._drive(task, outcome, suspended.generator, suspended.requirements)
        except BaseException as error:  # the fault is the task's, whatever it is; the engine lives on
            outcome.asks = False
            self._failed(task, outcome, error)
        outcome.wall += time.perf_counter() - started
        outcome.cpu += _cpu_seconds() - cpu
        outcome.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        if outcome.kind != Kind.DONE or EventSource._event_callbacks or type(task).on_success is not Task.on_success:
            self._surroundings.restore()  # the user's handlers are user code too
        else:
            self._surroundings.flush()
        outcome.log_length = self._log_position() - outcome.log_offset
        return outcome

    def _perform(self, task: Task, outcome: Outcome) -> None:
        task.trigger_event(Event.START, task)
        started = time.perf_counter()
        result = None
        try:
            # luigi allows an instance without run(): then there is nothing to do
            result = task.run() if callable(task.run) else None
        finally:
            if not isinstance(result, GeneratorType):
                # relative outputs are looked at from where the run began
                self._surroundings.restore()
                task.trigger_event(Event.PROCESSING_TIME, task, time.perf_counter() - started)
        if isinstance(result, GeneratorType):
            self._drive(task, outcome, result, None)
        else:
            self._finish(task, outcome)

    def _drive(
        self, task: Task, outcome: Outcome, generator: Generator[Any, Any, Any], met: DynamicRequirements | None
    ) -> None:
        """Runs a generator until it has ended, or asks for what is not complete."""
        value = None if met is None else met.paths
        try:
            while True:
                asked = generator.send(value)
                requirements = asked if isinstance(asked, DynamicRequirements) else DynamicRequirements(asked)
                for one in requirements.flat_requirements:
                    if not isinstance(one, Task):
                        raise TypeError(f"run() yielded {one!r:.80}, which is no task")
                if not requirements.complete():
                    return self._suspend(outcome, generator, requirements)
                value = requirements.paths
        except StopIteration:
            pass
        finally:
            self._surroundings.restore()
        outcome.asks = False
        outcome.text = ""
        task.trigger_event(Event.PROCESSING_TIME, task, outcome.wall)
        self._finish(task, outcome)

    def _suspend(
        self, outcome: Outcome, generator: Generator[Any, Any, Any], requirements: DynamicRequirements
    ) -> None:
        wanted = requirements.flat_requirements
        outcome.asks = True
        outcome.text = json.dumps([describe(one) for one in wanted])
        self._suspended[outcome.task] = _Suspended(generator, requirements, outcome)
        self.asked[outcome.task] = wanted

    def _finish(self, task: Task, outcome: Outcome) -> None:
        outputs = self._made(task, outcome)
        if outcome.kind == Kind.DONE:
            task.on_success()
            outcome.fragment = self.describe(outcome.task, outputs)
            task.trigger_event(Event.SUCCESS, task)
        else:
            outcome.fragment = self.describe(outcome.task, ())
            task.trigger_event(Event.FAILURE, task, RuntimeError(outcome.text))

    def _made(self, task: Task, outcome: Outcome) -> list[tuple[str, int, int]]:
        """The outputs that are there; marks the outcome where one that must be there is not."""
        must = task.check_outputs if self._check_outputs is None else self._check_outputs
        if gathers(type(task)):
            return []  # what it needs is done, or it would not run
        if not plain_completion(type(task)):
            if must and not task.complete():
                outcome.kind = Kind.OUTPUTS_NOT_MADE
                outcome.text = "run() returned, and complete() still says no"
            return []
        made: list[tuple[str, int, int]] = []
        absent = ""
        for target in flatten(task.output()):
            path = target.bulk_path()
            if path is None:
                there = target.exists()
            else:
                status = _status(path)
                there = status is not None
                if status is not None:
                    made.append((path, status.st_size, status.st_mtime_ns))
            if not there and not absent:
                absent = path or str(target)
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
        try:
            task.on_failure(error)
            task.trigger_event(Event.FAILURE, task, error)
        except BaseException as another:  # the user's on_failure() is user code too
            outcome.text += f"\n\non_failure() raised as well:\n{user_frames.text(another)}"
        outcome.fragment = self.describe(outcome.task, ())

    def lost(self, index: int) -> Outcome:
        """The outcome of a task whose process is gone or could not be started; the engine knows which, and why."""
        task = self.task(index)
        outcome = Outcome(index, Kind.WORKER_LOST, start=time.time_ns())
        outcome.fragment = self.describe(index, ())
        task.trigger_event(Event.PROCESS_FAILURE, task, "the process that was to run it is gone")
        return outcome

    def task(self, index: int) -> Task:
        """A task by its number. Raises what prevents it from being rebuilt here."""
        late = self._late.get(index)
        if late is None:
            return self._tasks[index]
        if isinstance(late, _Undescribed):
            late = self._late[index] = rebuild(late.description)
        return late

    def describe(self, index: int, outputs: Sequence[tuple[str, int, int]]) -> str:
        """The members of the report that only this side knows."""
        task = self.task(index)
        try:
            members = self._identity(task)
        except Exception as error:  # user code: serialize(), a property
            members = {"task": f"{type(task).__name__}_{index}", "family": type(task).__name__, "params": {}}
            members["title"] = f"{type(task).__name__} that cannot be described: {user_frames.one_line(error)}"
            return _members(members)
        if outputs:
            members["outputs"] = outputs
        needed = self._dependencies[index] if index < len(self._dependencies) else None
        if needed:
            if len(needed) <= _MOST_INPUTS:
                members["inputs"] = [self.task(number).task_id for number in needed]
            else:
                members["needs"] = len(needed)
        return _members(members)

    def _identity(self, task: Task) -> dict[str, Any]:
        members: dict[str, Any] = {
            "task": task.task_id,
            "family": task.task_family,
            "params": task.to_str_params(only_significant=False, only_public=True),
        }
        if not self._title_follows(type(task)):
            members["title"] = title(task)
        return members

    def _title_follows(self, cls: type[Task]) -> bool:
        """Whether a reader can make the title from family and parameters: then reports leave it out."""
        follows = self._titles.get(cls)
        if follows is None:
            follows = self._titles[cls] = cls.__repr__ is Task.__repr__ and all(
                parameter.significant and parameter.visibility == ParameterVisibility.PUBLIC
                for _, parameter in cls.get_params()
            )
        return follows

    def _log_position(self) -> int:
        return 0 if self._log is None else os.lseek(self._log, 0, os.SEEK_END)


def _members(members: dict[str, Any]) -> str:
    return _ENCODER.encode(members)[1:-1]


def _cpu_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        return None

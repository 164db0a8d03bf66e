"""Running one task in this process, and saying how it ended."""

from __future__ import annotations

import json
import os
import resource
import time
from array import array
from collections.abc import Sequence
from types import GeneratorType
from typing import Any

from .. import user_frames
from ..events import Event
from ..parameters.base import ParameterVisibility
from ..structure import flatten
from ..task import Task, plain_completion
from .causes import kind_of
from .hints import hint
from .outcome import Kind, Outcome
from .surroundings import Surroundings
from .title import title
from .traits import gathers

_MOST_INPUTS = 16
"""Dependencies are named in a report up to this many; beyond, they are counted."""


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

    def run(self, index: int) -> Outcome:
        """Runs a task. Whatever it raises ends in the outcome, KeyboardInterrupt and SystemExit included."""
        task = self._tasks[index]
        outcome = Outcome(index, start=time.time_ns(), log_offset=self._log_position())
        started, cpu = time.perf_counter(), _cpu_seconds()
        try:
            self._perform(task, outcome)
        except BaseException as error:  # the fault is the task's, whatever it is; the engine lives on
            self._failed(task, outcome, error)
        outcome.wall = time.perf_counter() - started
        outcome.cpu = _cpu_seconds() - cpu
        outcome.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self._surroundings.restore()
        outcome.log_length = self._log_position() - outcome.log_offset
        return outcome

    def _perform(self, task: Task, outcome: Outcome) -> None:
        task.trigger_event(Event.START, task)
        started = time.perf_counter()
        try:
            # luigi allows an instance without run(): then there is nothing to do
            result = task.run() if callable(task.run) else None
            if isinstance(result, GeneratorType):
                result.close()
                raise NotImplementedError("run() yields dependencies: declare them in requires()")
        finally:
            # relative outputs are looked at from where the run began
            self._surroundings.restore()
            task.trigger_event(Event.PROCESSING_TIME, task, time.perf_counter() - started)
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
        task = self._tasks[index]
        outcome = Outcome(index, Kind.WORKER_LOST, start=time.time_ns())
        outcome.fragment = self.describe(index, ())
        task.trigger_event(Event.PROCESS_FAILURE, task, "the process that was to run it is gone")
        return outcome

    def describe(self, index: int, outputs: Sequence[tuple[str, int, int]]) -> str:
        """The members of the report that only this side knows."""
        task = self._tasks[index]
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
                members["inputs"] = [self._tasks[number].task_id for number in needed]
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
    return json.dumps(members, separators=(",", ":"), ensure_ascii=False, allow_nan=False)[1:-1]


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

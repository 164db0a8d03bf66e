"""What earlier runs have reported of tasks: asked of the engine for many at once."""

from __future__ import annotations

import json
import time
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .. import _bridge
from ..diagnostics import Code, Diagnostic, MartletError
from ..structure import flatten
from .completeness import Kind
from .made import look

if TYPE_CHECKING:
    from pathlib import Path

    from .._bridge import Run
    from .plan import Planner

_NO_SUCCESS, _SUCCESS, _NEW_SUCCESS = 0, 2, 3
"""What `look_up` says of a task."""


class EarlierReports:
    """The Python side of reports of earlier runs: ids of tasks, and files of those that have none."""

    def __init__(self, run: Run, planner: Planner, state: Path) -> None:
        self._run = run
        self._planner = planner
        self._state = str(state)
        self._next = 0
        self._done: set[int] = set()
        """Tasks whose newest report was of a success when they were looked up."""

    def look_up(self) -> None:
        """Looks up all tasks that were planned since the last time. Raises MartletError for unreadable records."""
        indices = array("i", range(self._next, len(self._planner.tasks)))
        self._next = len(self._planner.tasks)
        for index, told in zip(indices, self._look(indices, anew=False)):
            if told >= _SUCCESS:
                self._done.add(index)
            if told == _NO_SUCCESS and self._planner.kinds[index] == Kind.COMPLETE:
                self._take_files(index)

    def is_done(self, index: int) -> bool:
        """Whether a task's newest report was of a success when it was looked up."""
        return index in self._done

    def since(self, index: int) -> str:
        """When the execution began that its report tells of: `2026-11-30 14:05`; empty where there is none."""
        told = json.loads(self._run.differences(array("i", [index]).tobytes()))["tasks"][0]
        start = told.get("start")
        return "" if start is None else time.strftime("%Y-%m-%d %H:%M", time.localtime(start / 1e9))

    def outputs(self, index: int) -> list[str]:
        """What a task's newest report names as its outputs; empty where there is none, or it cannot be read."""
        told = _bridge.ask_records(self._state, {"ask": "show", "tasks": [self._id(index)]}).get("answer") or {}
        return [str(output[0]) for output in told.get("outputs", ())]

    def look_again(self, indices: Sequence[int]) -> list[bool]:
        """Whether others have made these tasks since they were looked up."""
        return [told == _NEW_SUCCESS for told in self._look(array("i", indices), anew=True)]

    def name(self) -> None:
        """Looks up what the engine does not know of tasks that are needed by what runs."""
        indices = array("i", self._run.to_name())
        for index, told in zip(indices, self._run.name([self._id(index) for index in indices])):
            if not told:
                self._take_files(index)

    def _look(self, indices: array[int], *, anew: bool) -> bytes:
        planner = self._planner
        families = array("i", [planner.traits[index].family for index in indices])
        ids = [self._id(index) for index in indices]
        try:
            return self._run.look_up(self._state, indices.tobytes(), families.tobytes(), ids, anew)
        except RuntimeError as error:
            raise MartletError(Diagnostic(Code.STATE_UNREADABLE, self._state, str(error))) from error

    def _id(self, index: int) -> str:
        try:
            return str(self._planner.tasks[index].task_id)
        except Exception:  # user code; whoever needs the id for more tells of it
            return f"#{index}"

    def _take_files(self, index: int) -> None:
        try:
            files, _ = look(flatten(self._planner.tasks[index].output()))
        except Exception:  # user code, or a store that does not answer: nothing is known of it
            return
        if files:
            self._run.take_files(index, json.dumps(files))

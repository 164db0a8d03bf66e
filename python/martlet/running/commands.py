"""Tasks that are commands, handed to the engine many at a time."""

from __future__ import annotations

import json
import time
from array import array
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..command.error import CommandError
from ..command.exits import Exit, Meaning, meanings
from ..command.prepared import Prepared, prepare
from ..command.task import is_command
from ..events import Event, EventSource
from ..task import Task, plain_completion
from .outcome import Kind, Outcome

if TYPE_CHECKING:
    from .._bridge import Run
    from ..command.staged import Staged
    from .execution import Execution
    from .options import Options

_AHEAD = 64
"""Commands that are prepared at once. Between two programs everything is cold: together they cost a tenth."""
_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


class Commands:
    """Says what to run, and tells those who listen."""

    def __init__(
        self, run: Run, tasks: Sequence[Task], here: Execution, options: Options, sums: Callable[[type[Task]], bool]
    ) -> None:
        """`sums`: says whether reports have checksums of what tasks of a class make."""
        self._options = options
        self._sums = sums
        self._run = run
        self._tasks = tasks
        self._here = here

    def start(self, indices: Iterable[int]) -> list[bytes]:
        """Starts commands, and prepares some whose turn will come next: then the engine starts them without asking.

        Returns an outcome for each that cannot be started: command() raised, a placeholder is unknown.
        """
        requests: list[dict[str, Any]] = []
        failed: list[bytes] = []
        for index in indices:
            try:
                requests.append(self._request(index, self._prepared(index)))
            except Exception as error:  # user code
                failed.append(self._here.refused(index, error).frame())
        if requests:
            requests += self._ahead()
            self._run.start_commands(_ENCODER.encode(requests))
        return failed

    def _ahead(self) -> list[dict[str, Any]]:
        requests: list[dict[str, Any]] = []
        for index in array("i", self._run.upcoming_children(_AHEAD)):
            task = self._tasks[index]
            # those who listen are told when it starts
            if not is_command(type(task)) or self._is_heard(task):
                continue
            with suppress(Exception):  # user code: what it raises is told when its turn has come
                prepared = self._prepared(index)
                if prepared.staged is None:
                    requests.append({**self._request(index, prepared), "ahead": True})
        return requests

    def _prepared(self, index: int) -> Prepared:
        task: Any = self._tasks[index]
        return prepare(task)

    def _request(self, index: int, prepared: Prepared) -> dict[str, Any]:
        task: Any = self._tasks[index]
        request = {
            "task": index,
            "command": prepared.command,
            "outputs": prepared.outputs,
            "fragment": self._here.describe(index, ()),
        }
        if self._sums(type(task)):
            request["checked"] = True
        if prepared.directory is not None:
            request["directory"] = prepared.directory
        if prepared.variables:
            request["variables"] = [f"{name}={value}" for name, value in prepared.variables.items()]
        if prepared.log is not None:
            request["log"] = prepared.log
        if task.exit_codes:
            request["exits"] = {str(status): said for status, said in meanings(task.exit_codes).items()}
        if prepared.staged is not None:
            self._stage(request, prepared, prepared.staged)
        if task.sandbox is not None:
            request["sandbox"] = task.sandbox
        if self._is_heard(task):
            request["heard"] = True
            task.trigger_event(Event.START, task)
        return request

    def _stage(self, request: dict[str, Any], prepared: Prepared, staged: Staged) -> None:
        """Has another program run the command, which fetches and stores files of stores."""
        from ..command.staged import REFUSED, TRANSIENT, described, note_of

        exits = request.setdefault("exits", {})
        well = [0, *(int(status) for status, said in exits.items() if said.kind == Kind.DONE)]
        for status, kind, words in (
            (TRANSIENT, Exit.STORAGE, "a store could not be reached, or could not answer"),
            (REFUSED, Exit.ERROR, "its files could not be fetched or stored"),
        ):
            exits.setdefault(str(status), Meaning(kind.value, words))
        script = self._options.script
        request["command"] = described(
            staged,
            prepared.command,
            {
                "directory": request.pop("directory", None),
                "variables": prepared.variables,
                "well": well,
                "script": str(script.resolve()) if script else None,
                "stores": self._options.stores,
                "checked": bool(request.get("checked")),
            },
        )
        request["note"] = note_of(request["command"])
        request.pop("variables", None)

    @staticmethod
    def _is_heard(task: Task) -> bool:
        """Whether somebody here has a say when the command has ended."""
        cls = type(task)
        return bool(
            EventSource._event_callbacks
            or cls.on_success is not Task.on_success
            or cls.on_failure is not Task.on_failure
            or not plain_completion(cls)
        )

    def ended(self, index: int) -> bytes:
        """Tells those who listen how a command ended. Returns the outcome that counts."""
        task: Any = self._tasks[index]
        end = json.loads(self._run.command_end(index))
        outcome = Outcome(index, time.time_ns(), Kind(end["kind"]))
        outcome.text = end["text"]
        task.trigger_event(Event.PROCESSING_TIME, task, end["wall"])
        try:
            self._ask(task, outcome)
            if outcome.kind == Kind.DONE:
                task.on_success()
                task.trigger_event(Event.SUCCESS, task)
        except BaseException as error:  # user code: the fault is the task's, whatever it is
            return self._here.refused(index, error).frame()
        if outcome.kind != Kind.DONE:
            cause = CommandError(outcome.text.partition("\n")[0], Kind(outcome.kind))
            self._here.tell_failed(task, outcome, cause)
        return outcome.frame()

    @staticmethod
    def _ask(task: Any, outcome: Outcome) -> None:
        """Asks the task itself whether it is complete, where it has a say."""
        asks = task.check_outputs and not plain_completion(type(task))
        if outcome.kind == Kind.DONE and asks and not task.complete():
            outcome.kind = Kind.OUTPUTS_NOT_MADE
            outcome.text = "its command ended well, and complete() still says no"

"""Whether what a task consumed is still what there is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from ..records import RecordsError, questions
from ..running.checksums import of_file
from ..running.made import look
from ..running.traits import gathers
from ..structure import flatten
from ..targets import location
from .recorded import Output, Recorded
from .values import CheckedInput

_NAME, _DIGEST = 12, 16
"""Digits of a report's name, and of a digest over many."""
_UNNAMED = "0" * _NAME


def check(recorded: Recorded, required: Sequence[Any], state: Path, directory: Path) -> list[CheckedInput]:
    """One finding for each task that is required, and for each file that no report tells of.

    `required`: the tasks, `directory`: what relative paths are relative to.
    """
    findings = [_of_file(output, directory) for output in recorded.taken]
    if isinstance(recorded.used, str):
        return [*findings, *_of_many(recorded.used, required, state, directory)]
    names = dict(zip(recorded.inputs, recorded.used or (), strict=False))
    return [*findings, *(_of_task(task, names.get(task.task_id), state, directory) for task in required)]


def _of_task(task: Any, name: str | None, state: Path, directory: Path) -> CheckedInput:
    if name is None:
        return CheckedInput(task.task_id, "unknown", "the report does not tell what was consumed")
    if name == "":
        return CheckedInput(task.task_id, "unknown", "it had no report when it was consumed")
    if gathers(type(task)):
        same = _name_of_wrapper(task, state) == name
        finding, detail = ("consumed", "") if same else ("changed", "some of it ran again since")
        return CheckedInput(task.task_id, finding, detail)
    try:
        told = questions.show(name, state=state)
    except RecordsError:
        files, _ = look(flatten(task.output()))
        if name == _name_of_files(files):
            return CheckedInput(task.task_id, "consumed")
        return CheckedInput(task.task_id, "unknown", f"its report {name} is no longer there")
    return _of_report(task.task_id, told, directory)


def _of_report(task: str, told: dict[str, Any], directory: Path) -> CheckedInput:
    for output in told.get("outputs", ()):
        found = _of_file(Output.of(output), directory)
        if found.finding != "consumed":
            return CheckedInput(task, found.finding, f"{location.shown(found.what)} {found.detail}".strip())
    return CheckedInput(task, "consumed")


def _of_many(digest: str, required: Sequence[Any], state: Path, directory: Path) -> list[CheckedInput]:
    """Of many inputs only a digest is recorded: all are what they were, or some are not."""
    newest = {one.task: one for one in questions.executions(state=state) if one.outcome == "done"}
    names = []
    for task in required:
        one = newest.get(task.task_id)
        if gathers(type(task)):
            names.append(_name_of_wrapper(task, state))
        else:
            names.append(one.name if one else _UNNAMED)
    if _digest(names)[:_DIGEST] != digest:
        return [CheckedInput(f"{len(required)} tasks", "changed", "some of them ran again since")]
    findings = [_of_report(task.task_id, questions.show(task.task_id, state=state), directory)
                for task in required if task.task_id in newest]  # fmt: skip
    others = [one for one in findings if one.finding != "consumed"]
    return others or [CheckedInput(f"{len(required)} tasks", "consumed")]


def _name_of_wrapper(task: Any, state: Path) -> str:
    names = []
    for one in task.deps():
        if gathers(type(one)):
            names.append(_name_of_wrapper(one, state))
            continue
        try:
            names.append(str(questions.show(one.task_id, state=state)["name"]))
        except RecordsError:
            names.append(_name_of_files(look(flatten(one.output()))[0]))
    return _digest(names)[:_NAME]


def _digest(names: Sequence[str]) -> str:
    """As the engine makes it (`ConsumedReports` in the model): a line a name, of 16 digits, in their order."""
    return sha256("".join(f"{name:0>16}\n" for name in sorted(names)).encode()).hexdigest()


def _name_of_files(files: Sequence[Any]) -> str:
    if not files:
        return _UNNAMED
    text = "".join(f"{file[0]}\0{file[1]}\0{file[2]}\n" for file in files)
    return sha256(text.encode()).hexdigest()[:_NAME]


def _of_file(output: Output, directory: Path) -> CheckedInput:
    finding, detail = standing(output, directory)
    return CheckedInput(output.path, "consumed" if finding == "intact" else finding, detail)


def standing(output: Output, directory: Path) -> tuple[str, str]:
    """Whether a recorded file is as it was: `intact`, `changed` or `missing`, and in what.

    A file of another time, the checksum of which is the recorded one, is intact. Raises where it cannot be looked at.
    """
    if location.is_remote(output.path):
        from ..storage import stat, value
        from ..storage.errors import Kind, StorageError

        try:
            status = value(stat([output.path])[0])
        except StorageError as error:
            if error.kind is not Kind.ABSENT:
                raise
            return "missing", "is gone"
        size, modified = status.size, status.modified
    else:
        try:
            there = os.stat(directory / output.path)
        except (FileNotFoundError, NotADirectoryError):
            return "missing", "is gone"
        size, modified = there.st_size, there.st_mtime_ns
        if output.checksum and output.modified != modified and os.path.isfile(directory / output.path):
            same = of_file(str(directory / output.path)) == output.checksum
            return ("intact", "") if same else ("changed", "has another checksum")
    if None not in (output.size, size) and output.size != size:
        return "changed", f"has {size} bytes, and had {output.size}"
    if None not in (output.modified, modified) and output.modified != modified:
        return "changed", "was written since"
    return "intact", ""

"""Removing outputs: what would go and what stays is known first; reports are told before anything goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from .. import storage
from ..data import Data
from ..targets import location as locations
from ..targets.directory import DirectoryTarget
from .output import Output
from .record import RemovalRecord
from .survey import Survey
from .task import SurveyedTask

PIECE = 500
"""Tasks whose outputs are removed between two looks at whether to go on."""


class Removal(Data):
    """What would be removed, and what would not."""

    outputs: tuple[Output, ...]
    """In the order of their tasks."""
    external: tuple[str, ...] = ()
    """Titles of tasks that are made elsewhere: theirs is never removed."""
    held: Mapping[str, str] = {}
    """By title of tasks that another run is at work on, who that is."""
    unreachable: tuple[Output, ...] = ()
    """What could not be looked at: it stays."""

    @property
    def size(self) -> int:
        """Bytes, as far as they are known: directories are not looked into."""
        return sum(output.size or 0 for output in self.outputs if not output.is_directory)


class Removed(Data):
    outputs: tuple[Output, ...]
    """What was removed."""
    failures: Mapping[str, str] = {}
    """By location, why it could not be removed."""
    interrupted: bool = False


History = Callable[[dict[str, str]], Mapping[str, Mapping[str, Any]]]
"""What records and leases tell of tasks, as `martlet explain --json` does."""


def plan(survey: Survey, tasks: Iterable[SurveyedTask], history: History) -> Removal:
    """What removing the outputs of tasks would remove. `history` is asked once, for who is at work on them."""
    wanted = list(tasks)
    own = [task for task in wanted if not task.external and task.outputs]
    being_made = held(survey, own, history)
    free = [task for task in own if task.title not in being_made]
    never = {place for task in survey.tasks if task.external or task.title in being_made for place in task.outputs}
    looked = [one for one in _located(survey, free) if one[1] not in never]
    return Removal(
        outputs=tuple(output for output, _ in looked if output.exists),
        external=tuple(task.title for task in wanted if task.external),
        held=being_made,
        unreachable=tuple(output for output, _ in looked if output.exists is None),
    )


def _located(survey: Survey, tasks: Sequence[SurveyedTask]) -> Iterator[tuple[Output, str]]:
    places = dict.fromkeys(place for task in tasks for place in task.outputs)
    return zip(survey.outputs(tasks), places)


def nobody(names: dict[str, str]) -> Mapping[str, Mapping[str, Any]]:
    """The `History` of an analysis that nobody else is at work on."""
    return {}


def held(survey: Survey, tasks: Sequence[SurveyedTask], history: History) -> dict[str, str]:
    """By title of tasks that another run is at work on, who that is."""
    name = survey.claim_name
    if not tasks or name is None:
        return {}
    told = history({task.task_id: name(task.index) for task in tasks})
    return {
        task.title: str(holder["words"])
        for task in tasks
        if (holder := told.get(task.task_id, {}).get("held"))
    }  # fmt: skip


def carry_out(survey: Survey, removal: Removal, progress: Callable[[int], object] | None = None) -> Removed:
    """Removes the outputs, of some hundred tasks at a time. Interrupted, it looks again at what is gone.

    The records are told of each piece first: a task whose outputs may be gone must never count as done by its report.
    """
    gone: list[Output] = []
    failures: dict[str, str] = {}
    makers: dict[int, list[Output]] = {}
    for output in removal.outputs:
        makers.setdefault(output.task, []).append(output)
    order = list(makers)
    try:
        with RemovalRecord(survey) as record:
            for begin in range(0, len(order), PIECE):
                piece = order[begin : begin + PIECE]
                outputs = [output for index in piece for output in makers[index]]
                record.tell({index: [output.location for output in makers[index]] for index in piece})
                _remove(survey, outputs, gone, failures)
                if progress is not None:
                    progress(len(gone))
    except KeyboardInterrupt:
        return Removed(_seen_gone(survey, removal.outputs), failures, interrupted=True)
    survey.forget()
    return Removed(tuple(gone), failures)


def _seen_gone(survey: Survey, outputs: Sequence[Output]) -> tuple[Output, ...]:
    """Which of these are not there any more: of a piece that was interrupted nobody knows how far it came."""
    survey.forget()
    makers = dict.fromkeys(output.task for output in outputs)
    left = {(one.task, one.location) for one in survey.outputs(survey.tasks[index] for index in makers) if one.exists}
    return tuple(output for output in outputs if (output.task, output.location) not in left)


def _remove(survey: Survey, outputs: Sequence[Output], gone: list[Output], failures: dict[str, str]) -> None:
    places = _places(survey, outputs, failures)
    files = [output for output in outputs if not output.is_directory and output in places]
    for output, answer in zip(files, storage.delete([places[output] for output in files])):
        if isinstance(answer, storage.StorageError) and answer.kind is not storage.Kind.ABSENT:
            failures[output.location] = str(answer)
        else:
            gone.append(output)
    for output in outputs:
        if output.is_directory and output in places:
            try:
                DirectoryTarget(places[output]).remove()
                gone.append(output)
            except OSError as error:
                failures[output.location] = str(error)


def _places(survey: Survey, outputs: Sequence[Output], failures: dict[str, str]) -> dict[Output, str]:
    """Where outputs lie, with what is not shown. Where two of a task look alike nobody can say which was meant."""
    places = {}
    for output in outputs:
        alike = [one for one in survey.tasks[output.task].outputs if locations.shown(one) == output.location]
        if len(alike) == 1:
            places[output] = alike[0]
        else:
            failures[output.location] = "the task has two outputs that differ only in what is not shown"
    return places

"""From a plan to a survey."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from ..parameters.base import ParameterVisibility
from ..running.differences import Difference
from ..running.reporter import PlannedTask
from ..structure import flatten
from ..targets import location as locations
from .survey import Survey
from .task import SurveyedTask

_STATES = {"present": "done", "waiting": "would run"}
_CHANGES = {"code": "code", "parameters": "defaults of parameters", "inputs": "inputs", "environment": "environment"}


class Plan(Protocol):
    """What is taken from `martlet.running.build.Plan`."""

    @property
    def tasks(self) -> Sequence[PlannedTask]: ...

    @property
    def needs(self) -> Sequence[Sequence[int] | None]: ...

    @property
    def differences(self) -> Sequence[Difference]: ...

    @property
    def instances(self) -> Sequence[Any]: ...

    @property
    def roots(self) -> Sequence[int]: ...

    @property
    def claim_name(self) -> Callable[[int], str] | None: ...


def survey_of(plan: Plan, stores: Mapping[str, str], state: str) -> Survey:
    """`stores`: their names by where they lie. The plan must have looked for differences, and so at all tasks."""
    tasks = []
    for planned, instance, needs, differs in zip(plan.tasks, plan.instances, plan.needs, plan.differences):
        status, why = _standing(planned, differs, plan.differences)
        tasks.append(
            SurveyedTask(
                index=planned.index,
                task_id=planned.task_id,
                title=planned.title,
                family=planned.family,
                parameters=_texts(instance),
                state=status,
                why=why,
                needs=tuple(needs or ()),
                external=differs.report == "external" or instance.__dict__.get("run", instance) is None,
                reported=differs.report == "done",
                outputs=() if getattr(instance, "_is_whole", False) else tuple(_places(instance)),
            )
        )
    return Survey(tasks, plan.roots, stores, state, plan.instances, plan.claim_name)


def _standing(planned: PlannedTask, differs: Difference, all: Sequence[Difference]) -> tuple[str, str]:
    state = _STATES.get(planned.state, planned.state)
    if state != "done" or differs.report != "done" or differs.is_current:
        return state, planned.reason
    if differs.changes:
        told = "; ".join(f"{_CHANGES[what]} changed: {words}" for what, words in differs.changes.items())
        return "stale", told
    return "stale", f"behind {all[differs.behind or 0].title}"


def _texts(task: Any) -> dict[str, str]:
    hidden = {name for name, one in task.get_params() if one.visibility != ParameterVisibility.PUBLIC}
    try:
        texts: dict[str, str] = task.to_str_params()
    except Exception:  # user code: serialize() of a parameter; whoever plans the task tells of it
        return {}
    return {name: text for name, text in texts.items() if name not in hidden}


def _places(task: Any) -> Iterator[str]:
    """Where the files of a task lie; nothing for what is no file, and where output() raises: the plan tells of that."""
    try:
        outputs = flatten(task.output())
    except Exception:  # user code
        return
    for target in outputs:
        yield from _places_of(target)


def _places_of(target: Any) -> Iterator[str]:
    inside = getattr(target, "targets", None)
    if inside is not None:  # a collection
        for member in flatten(inside):
            yield from _places_of(member)
        return
    place = getattr(target, "path", None)
    if isinstance(place, str) and place:
        yield locations.without_file(place)

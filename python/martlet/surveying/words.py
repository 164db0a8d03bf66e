"""Surveys for people and programs: how tasks stand, what they need, what they make."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..targets.transfer_display import size
from .branches import BranchSet
from .output import Output
from .survey import Survey
from .task import STATES, SurveyedTask
from .view import View

MOST_PLACES = 3
"""Outputs or stores that one line names; the rest is counted."""
MOST_LINES = 400
"""Lines of a tree."""


def status(survey: Survey, view: View) -> str:
    """A tree of branch sets with their states; with a pattern the tasks that fit, one a line."""
    if view.pattern:
        return _flat(survey, view, lambda task: f"{task.title}: {_standing(task)}")

    def line(one: BranchSet) -> list[str]:
        if len(one.tasks) == 1:
            return [f"{survey.tasks[one.tasks[0]].title}: {_standing(survey.tasks[one.tasks[0]])}"]
        return [f"{_name(survey, one)}: {counted(one.states)}"]

    return _tree(survey, view, line)


def deps(survey: Survey, view: View) -> str:
    """A tree of what needs what."""
    if view.pattern:
        return _flat(survey, view, lambda task: task.title)
    return _tree(survey, view, lambda one: [_name(survey, one)])


def outputs(survey: Survey, view: View) -> str:
    """A tree of what tasks make: how much of it is there, how large, and where."""
    wanted = view.tasks(survey)
    found: dict[int, list[Output]] = {}
    for output in survey.outputs(wanted):
        found.setdefault(output.task, []).append(output)
    if view.pattern:
        return _flat(survey, view, lambda task: f"{task.title}: {_made(found.get(task.index, []))}")

    def line(one: BranchSet) -> list[str]:
        made = [output for index in one.tasks for output in found.get(index, [])]
        head = f"{_name(survey, one)}: {_made(made)}"
        few = made if len(one.tasks) == 1 and 1 < len(made) <= MOST_PLACES else []
        return [head, *(f"  {output.location}: {_made([output], where=False)}" for output in few)]

    lines = _tree(survey, view, line)
    return f"{lines}\n\nIn all {_made([one for made in found.values() for one in made], where=False)}"


def json_text(survey: Survey, view: View, *, looked: bool = False) -> str:
    """The tasks that are meant; `looked`: with what their outputs are."""
    return json.dumps(members(survey, view, looked=looked), indent=1, ensure_ascii=False)


def members(survey: Survey, view: View, *, looked: bool = False) -> list[dict[str, Any]]:
    """The same as plain objects, one a task."""
    wanted = view.tasks(survey)
    found: dict[int, list[Output]] = {}
    for output in survey.outputs(wanted) if looked else ():
        found.setdefault(output.task, []).append(output)
    return [_members(survey, task, found if looked else None) for task in wanted]


def _members(survey: Survey, task: SurveyedTask, found: Mapping[int, Sequence[Output]] | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "task": task.task_id,
        "title": task.title,
        "family": task.family,
        "params": dict(task.parameters),
        "state": task.state,
        "why": task.why,
        "external": task.external,
        "needs": [survey.tasks[needed].task_id for needed in task.needs],
    }
    if found is not None:
        told["outputs"] = [
            {
                "location": output.location, "store": output.store, "exists": output.exists, "size": output.size,
                "modified": output.modified, "directory": output.is_directory, "cause": output.cause,
            }
            for output in found.get(task.index, ())
        ]  # fmt: skip
    return told


def counted(states: Mapping[str, int]) -> str:
    """`12 done, 1,238 would run`."""
    return ", ".join(f"{states[state]:,} {state}" for state in STATES if states.get(state))


def _flat(survey: Survey, view: View, line: Callable[[SurveyedTask], str]) -> str:
    wanted = view.tasks(survey)
    if not wanted:
        return f"No task of these fits {view.pattern!r}"
    shown = wanted if view.verbose else wanted[:MOST_LINES]
    more = [f"… and {len(wanted) - len(shown):,} more (-v lists them)"] if len(wanted) > len(shown) else []
    return "\n".join([*(line(task) for task in shown), *more])


def _tree(survey: Survey, view: View, line: Callable[[BranchSet], list[str]]) -> str:
    sets = survey.tree(view.depth, len(survey.tasks) if view.verbose else 1, view.until)
    shown = sets if view.verbose else sets[:MOST_LINES]
    lines = [_total(survey), ""]
    for one in shown:
        told = [f"{_name(survey, one)}: see above"] if one.seen else line(one)
        lines += ["  " * one.depth + text for text in told]
    if len(sets) > len(shown):
        lines.append(f"… and {len(sets) - len(shown):,} more lines (-v lists them)")
    return "\n".join(lines)


def _total(survey: Survey) -> str:
    states: dict[str, int] = {}
    for family in survey.families:
        for state, count in family.states.items():
            states[state] = states.get(state, 0) + count
    total = len(survey.tasks)
    return f"{total:,} {'task' if total == 1 else 'tasks'}: {counted(states)}"


def _name(survey: Survey, one: BranchSet) -> str:
    return survey.tasks[one.tasks[0]].title if len(one.tasks) == 1 else f"{one.family} × {len(one.tasks):,}"


def _standing(task: SurveyedTask) -> str:
    return task.state if task.state == "done" or not task.why else f"{task.state}: {task.why}"


def _made(made: Sequence[Output], where: bool = True) -> str:
    """`12 of 1,250 there, 3.4 GB, in results`."""
    if not made:
        return "no files"
    there = [output for output in made if output.exists]
    unknown = [output for output in made if output.exists is None]
    parts = [f"{len(there):,} of {len(made):,} there"] if len(made) > 1 else ["there" if there else "not there"]
    if unknown:
        parts = [*(parts if len(made) > 1 else []), f"{len(unknown):,} could not be looked at: {unknown[0].cause}"]
    if there and not all(output.is_directory for output in there):
        parts.append(size(sum(output.size or 0 for output in there if not output.is_directory)))
    if any(output.is_directory for output in there):
        parts.append("a directory" if len(made) == 1 else "with directories")
    if where:
        parts.append(made[0].location if len(made) == 1 else f"in {stores(made)}")
    return ", ".join(parts)


def stores(made: Iterable[Output]) -> str:
    """Where these lie: `results, /data and 3 more`."""
    names = list(dict.fromkeys(output.store for output in made))
    more = f" and {len(names) - MOST_PLACES} more" if len(names) > MOST_PLACES else ""
    return ", ".join(names[:MOST_PLACES]) + more

"""What has changed since the reports of all tasks of a plan, for people and programs."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..running.differences import Difference
from .plain import tasks as counted

MOST_EXAMPLES = 3
_WORDS = {
    "code": "code has changed",
    "parameters": "defaults of parameters have changed",
    "inputs": "made from other inputs",
    "environment": "environment has changed",
}
_SUBJECTS = {
    "code": "code has",
    "parameters": "defaults have",
    "inputs": "inputs have",
    "environment": "environment has",
}


def text(found: Sequence[Difference], *, verbose: bool = False) -> str:
    """By family: how many tasks are as their reports say, which changes there are, and what depends on them."""
    families: dict[str, list[Difference]] = {}
    for one in found:
        families.setdefault(one.family, []).append(one)
    current = sum(one.is_current for one in found)
    unknown = [f"{counted(count)}: {words}" for words, count in Counter(map(_unknown, found)).items() if words]
    if current == len(found):
        line = f"All {counted(len(found))} are as their reports say: nothing has changed since" if found else "No tasks"
        return "\n".join([line, *unknown])
    lines = [f"{current} of {counted(len(found))} are as their reports say; of the others:"]
    for family, members in families.items():
        others = [one for one in members if not one.is_current]
        if others:
            lines.append(f"  {family}: {len(others)} of {len(members)}")
            lines += [f"    {line}" for line in _grouped(others, found, verbose)]
    return "\n".join([*lines, *unknown])


def _unknown(one: Difference) -> str:
    """What cannot be told of a task; empty for nothing."""
    return "; ".join(f"whether {_SUBJECTS[what]} changed is not known: {why}" for what, why in one.unknown.items())


def _grouped(others: Sequence[Difference], found: Sequence[Difference], verbose: bool) -> list[str]:
    """One line for each thing to be told, of a group of tasks for which it is the same."""
    groups: dict[str, list[Difference]] = {}
    for one in others:
        for words in told(one, found):
            groups.setdefault(words, []).append(one)
    lines = []
    for words, members in groups.items():
        shown = members if verbose else members[:MOST_EXAMPLES]
        more = f" and {len(members) - len(shown)} more" if len(members) > len(shown) else ""
        lines.append(f"{words}: {', '.join(one.title for one in shown)}{more}")
    return lines


def told(one: Difference, found: Sequence[Difference]) -> list[str]:
    """What is not as the report of a task says, in words; nothing where all is.

    `found`: of the tasks of the plan, by index.
    """
    words_of = []
    if one.report == "none":
        words_of.append("no report tells of them")
    elif one.report == "failed":
        words_of.append("the newest report is of a failure")
    elif one.report == "removed":
        words_of.append("their outputs were removed")
    for what, words in one.changes.items():
        # inputs differ from task to task
        words_of.append(_WORDS[what] if what == "inputs" else f"{_WORDS[what]} since {_day(one)} ({words})")
    if not words_of and one.behind is not None:
        words_of.append(f"behind {found[one.behind].family}, which is not as it was")
    return words_of


def _day(one: Difference) -> str:
    return "then" if one.since is None else time.strftime("%Y-%m-%d", time.localtime(one.since / 1e9))


def members(found: Sequence[Difference]) -> list[dict[str, Any]]:
    """The same as plain objects, one a task."""
    dependents = Counter(one.behind for one in found if one.behind is not None)
    return [
        {
            "task": one.task_id,
            "title": one.title,
            "family": one.family,
            "report": one.report,
            "since": one.since,
            "current": one.is_current,
            "changes": dict(one.changes),
            "unknown": dict(one.unknown),
            "inputs": [found[index].task_id for index in one.inputs],
            "behind": None if one.behind is None else found[one.behind].task_id,
            "dependents": dependents[one.index],
        }
        for one in found
    ]


def json_text(found: Sequence[Difference]) -> str:
    """The same for programs."""
    return json.dumps(members(found), indent=1)

"""What has changed since the reports of tasks, and what depends on it: drift."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..data import Data
from .states import State
from .title import title

if TYPE_CHECKING:
    from .._bridge import Run
    from .plan import Planner

MOST_NAMED = 3
"""Files, packages or tasks that are named; the rest is counted."""


class Difference(Data):
    """A task, and what is different from its report."""

    index: int
    task_id: str
    title: str
    family: str
    report: str
    """done: its newest report is of a success; failed: of a failure; removed: its outputs were removed since; none: no
    report tells of it; wrapper, external: it needs none."""
    since: int | None
    """When that execution began, in nanoseconds since 1970-01-01 UTC."""
    changes: Mapping[str, str]
    """By `code`, `parameters`, `inputs` and `environment`: what of it has changed, in words. Empty: nothing has."""
    unknown: Mapping[str, str] = {}
    """By the same, why it cannot be told whether it has changed."""
    inputs: Sequence[int] = ()
    """The tasks that it needs whose reports are others than it consumed."""
    behind: int | None = None
    """A task that it needs, directly or through others, and that has changed or has no good report: what it was made
    from will be another once that has run. None where there is none."""

    @property
    def is_current(self) -> bool:
        """Whether it is what a run from nothing would make, as far as reports tell."""
        return self.report in ("done", "wrapper", "external") and not self.changes and self.behind is None


def differences(run: Run, planner: Planner) -> list[Difference]:
    """Of all tasks of a plan, in the order of discovery. They must have been looked up."""
    told = json.loads(run.differences(array("i", range(len(planner.tasks))).tobytes()))
    words = _Words(planner, told["facts"])
    states = run.states()
    found = [_difference(planner, one, words, State(states[one["task"]])) for one in told["tasks"]]
    for index, cause in _behind(planner.dependencies, found):
        found[index] = found[index].replaced(behind=cause)
    return found


def _difference(planner: Planner, told: Mapping[str, Any], words: _Words, state: State) -> Difference:
    index = told["task"]
    task, traits = planner.tasks[index], planner.traits[index]
    report = "wrapper" if traits.gathers else "external" if traits.external else told["report"]
    return Difference(
        index=index,
        task_id=task.task_id,
        title=title(task),
        family=planner.families[traits.family],
        report=report,
        since=told.get("start"),
        changes={} if traits.gathers else {name: words.of(name, told) for name in told["changes"]},
        unknown={} if traits.gathers else words.unknown(told),
        inputs=told["inputs"],
    )


def _behind(dependencies: Sequence[Sequence[int] | None], found: Sequence[Difference]) -> Iterator[tuple[int, int]]:
    """Tasks that need one that is not current, with the nearest such."""
    needed_by: dict[int, list[int]] = {}
    for index, needs in enumerate(dependencies):
        for needed in needs or ():
            needed_by.setdefault(needed, []).append(index)
    stack = [(one.index, one.index) for one in found if not one.is_current]
    seen = set()
    while stack:
        index, cause = stack.pop()
        for dependent in needed_by.get(index, ()):
            if dependent not in seen:
                seen.add(dependent)
                yield dependent, cause
                # behind one that has changed itself comes what is behind that
                stack.append((dependent, cause if found[dependent].is_current else dependent))


class _Words:
    """Says what has changed: once for each pair of facts, which tasks share."""

    def __init__(self, planner: Planner, facts: Mapping[str, Mapping[str, Any]]) -> None:
        self._planner = planner
        self._facts = facts
        self._known: dict[tuple[str, int, str], str] = {}

    def of(self, what: str, told: Mapping[str, Any]) -> str:
        index = told["task"]
        if what == "inputs":
            names = [title(self._planner.tasks[other]) for other in told["inputs"]]
            return _listed(names) or "it needs other tasks, or others of them have run"
        family = self._planner.traits[index].family
        digest = told["env"] + told["sandbox"] if what == "environment" else told["code"]
        key = what, family, digest
        if key not in self._known:
            self._known[key] = self._compare(what, family, told)
        return self._known[key]

    def unknown(self, told: Mapping[str, Any]) -> Mapping[str, str]:
        """What cannot be compared."""
        family, then = self._planner.traits[told["task"]].family, self._facts.get(told.get("code", ""), {})
        if not then.get("fingerprint"):
            return {}
        key = "form", family, told["code"]
        if key not in self._known:
            now = self._planner.charters.code(family)
            is_older = bool(now["fingerprint"]) and then.get("form") != now.get("form")
            self._known[key] = "the report has a fingerprint of another form" if is_older else ""
        return {"code": self._known[key]} if self._known[key] else {}

    def _compare(self, what: str, family: int, told: Mapping[str, Any]) -> str:
        if what == "environment":
            then, now = self._facts.get(told["env"], {}), self._planner.charters.environment()
            sandboxes = self._facts.get(told["sandbox"], {}), self._planner.charters.sandbox(family)
            script = ["its sandbox's script"] if _changed(*({"": one.get("sha256")} for one in sandboxes)) else []
            parts = [*_environment(then, now), *_environment(*sandboxes), *script]
            return _listed(parts) or "its sandbox"
        then, now = self._facts.get(told["code"], {}), self._planner.charters.code(family)
        if what == "parameters":
            return _listed(_values(then.get("defaults", {}), now.get("defaults", {})))
        files = _changed(then.get("files", {}), now.get("files", {}))
        return _listed(files) or "its class"


def _environment(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    apart = ("packages", "sha256")
    plain, before = ({name: value for name, value in one.items() if name not in apart} for one in (now, then))
    return [*_values(before, plain), *_values(then.get("packages", {}), now.get("packages", {}))]


def _values(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """`numpy 1.26.0 → 2.0.1`"""
    return [f"{name} {then.get(name, '(none)')} → {now.get(name, '(none)')}" for name in _changed(then, now)]


def _changed(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in {*then, *now} if then.get(name) != now.get(name))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMED])
    return f"{shown} and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else shown

"""An analysis: its tasks, what each needs and makes, and how they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ..data import Data
from ..targets import location as locations
from . import branches, inventory
from .branches import BranchSet
from .inventory import Finding
from .output import Output
from .task import SurveyedTask
from .view import View


class FamilySurvey(Data):
    name: str
    tasks: int
    states: Mapping[str, int]
    """How many of its tasks are in which state."""


class Survey:
    """What one plan found: it does not change. Outputs are looked at when they are asked for, once."""

    def __init__(
        self,
        tasks: Sequence[SurveyedTask],
        roots: Sequence[int],
        stores: Mapping[str, str],
        state: str,
        instances: Sequence[Any],
        claim_name: Callable[[int], str] | None = None,
    ) -> None:
        """`stores`: their names by where they lie. `instances`: the tasks themselves. `claim_name`: as of `Plan`."""
        self.tasks = tuple(tasks)
        """In the order of discovery."""
        self.roots = tuple(roots)
        """Places in `tasks` of those that were asked for."""
        self.state = state
        """The state directory."""
        self.instances = instances
        self.claim_name = claim_name
        self.stores = dict(sorted(stores.items(), key=lambda item: -len(item[0])))
        """Names by where they lie, the innermost first."""
        self._found: dict[str, Finding] = {}

    @property
    def families(self) -> list[FamilySurvey]:
        """In the order of discovery."""
        counts: dict[str, Counter[str]] = {}
        for task in self.tasks:
            counts.setdefault(task.family, Counter())[task.state] += 1
        return [FamilySurvey(name, sum(states.values()), dict(states)) for name, states in counts.items()]

    @property
    def edges(self) -> Iterator[tuple[int, int]]:
        """Places of a task, and of one that it needs."""
        return ((task.index, needed) for task in self.tasks for needed in task.needs)

    def within(self, depth: int = -1, until: Sequence[str] = ()) -> list[SurveyedTask]:
        """Tasks at most so many steps from what was asked for, nearest first; -1: all.

        `until`: shell patterns of families below which it does not go.
        """
        view = View(depth, tuple(until))
        ends = {family.name: view.ends_at(family.name) for family in self.families} if until else {}
        level = list(dict.fromkeys(self.roots))
        seen = dict.fromkeys(level)
        while level and depth != 0:
            depth -= 1
            going_on = [self.tasks[index] for index in level if not ends.get(self.tasks[index].family)]
            level = [needed for task in going_on for needed in task.needs]
            level = [index for index in dict.fromkeys(level) if index not in seen]
            seen.update(dict.fromkeys(level))
        return [self.tasks[index] for index in seen]

    def fitting(self, pattern: str) -> list[SurveyedTask]:
        """Tasks whose id, family or title fits a shell pattern."""
        return [
            task
            for task in self.tasks
            if fnmatchcase(task.family, pattern) or fnmatchcase(task.title, pattern)
            or fnmatchcase(task.task_id, pattern)
        ]  # fmt: skip

    def tree(self, depth: int = -1, most: int = 1, until: Sequence[str] = ()) -> list[BranchSet]:
        """Branch sets below what was asked for, each before what it needs: see `branches.tree`."""
        return list(branches.tree(self, View(depth, tuple(until)), most))

    def outputs(self, tasks: Iterable[SurveyedTask] | None = None) -> list[Output]:
        """The outputs of tasks (None: all), looked at: one look at all that were not looked at before.

        What two tasks name is told for the first.
        """
        makers: dict[str, int] = {}
        for task in self.tasks if tasks is None else tasks:
            for place in task.outputs:
                makers.setdefault(place, task.index)
        self._found.update(inventory.take([place for place in makers if place not in self._found]))
        return [self._output(index, place) for place, index in makers.items()]

    def outputs_of(self, task: SurveyedTask) -> list[Output]:
        return self.outputs([task])

    def forget(self) -> None:
        """Outputs are looked at again when they are asked for."""
        self._found.clear()

    def _output(self, index: int, place: str) -> Output:
        found = self._found[place]
        status = found.status
        where = self.store_of(place)
        if status is None:
            return Output(index, locations.shown(place), where, None if found.trouble else False, cause=found.trouble)
        modified = status.modified or None
        return Output(index, locations.shown(place), where, True, status.size, modified, status.is_directory)

    def store_of(self, place: str) -> str:
        """The name of the store that a place lies in; else its folder."""
        for url, name in self.stores.items():
            if place.startswith(url) and place[len(url) : len(url) + 1] in ("", "/"):
                return name
        return locations.shown(locations.parent(place))

"""Many files to one, in steps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

from ..parameters.branches import BranchesParameter, selected
from ..structure import flatten
from ..targets.presence import presence
from ..task import Task
from . import maps
from .merged import Merged
from .workflow import Workflow


class MergeCascade(Task):
    """Merges the outputs of many tasks into one, `merge_factor` at a time, by as many tasks as that takes.

    `merge_requires()` says whose outputs are merged: a workflow, or tasks in a list; `merge_output()` what the last
    step makes; `merge(inputs, output)` how a step is done. A step starts when the few tasks are complete whose outputs
    it merges; what it was made from in between is removed when it is done.
    """

    merge_places = BranchesParameter(
        default=(), positional=False, description="What one step merges, by its places in all; none: the last step."
    )

    merge_factor: Any = 20
    """How many are merged in one step, at the most; at least 2."""
    keeps_parts: Any = False
    """Whether what steps in between make stays when the next step is done."""

    _visible_in_registry = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "_visible_in_registry" not in cls.__dict__:
            cls._visible_in_registry = True

    # ---- what analysts write

    def merge_requires(self) -> Any:
        """The tasks whose outputs are merged: a workflow, or tasks in a list or dict."""
        raise NotImplementedError(f"{self.task_family} has no merge_requires()")

    def merge_output(self) -> Any:
        """The file that all becomes in the end."""
        raise NotImplementedError(f"{self.task_family} has no merge_output()")

    def merge(self, inputs: Sequence[Any], output: Any) -> None:
        """Makes one target of some, in the order in which their tasks are required."""
        raise NotImplementedError(f"{self.task_family} has no merge()")

    def part_output(self, name: str) -> Any:
        """The file that a step in between makes; by default beside the last one, which has to be a file then.

        `name` differs when other tasks are merged, so that what a run left that was ended is never taken for more, or
        less, than it is.
        """
        final = self.merge_output()
        stem, dot, ends = final.basename.partition(".")
        return final.sibling(f"{stem}.merge-{name}{dot}{ends}")

    def is_last_step(self) -> bool:
        """Whether this step makes `merge_output()`."""
        return not self.merge_places

    # ---- what follows from that

    def requires(self) -> Any:
        """What this step merges: smaller steps, or some of the tasks of `merge_requires()`."""
        if self.is_last_step() and self._has_to_wait():
            return self.merge_requires()
        return self._inputs(self._places())

    def output(self) -> Any:
        """The file that this step makes."""
        if self.is_last_step():
            return self.merge_output()
        places = self._places()
        return self.part_output(f"{places[0]}-{places[-1]}-{self._merged().digest(places)}")

    def run(self) -> Any:
        """Merges; where it is known only now what there is to merge, the last step asks for the others."""
        if self.is_last_step() and self._has_to_wait():
            return self._after_asking()
        self._merge(self._inputs(self._places()))
        return None

    def _after_asking(self) -> Any:
        tasks = self._inputs(self._there() if self._spares() else self._places())
        steps = self._steps(tasks)
        if steps:
            yield steps
        self._merge(tasks)

    def _merge(self, tasks: list[Any]) -> None:
        inputs = flatten([task.output() for task in tasks])
        if not inputs:
            raise ValueError(f"{self!r} has nothing to merge")
        self.merge(inputs, self.output())
        if not self.keeps_parts:
            self._remove(self._steps(tasks))

    def _remove(self, steps: list[Any]) -> None:
        """Removes what steps made, and what those left whose run was ended before they had removed what they merged."""
        targets = []
        for step in steps:  # grows while it is walked
            targets += flatten(step.output())
            steps += self._steps(step._inputs(step._places()))
        for target, there in zip(targets, presence(targets)):
            if there:
                target.remove()

    # ---- the shape of the tree

    def _has_to_wait(self) -> bool:
        """Whether a workflow must have ended before it is known what there is to merge."""
        return self._spares() or any(
            isinstance(task, Workflow) and task.late_branch_map for task in flatten(self.merge_requires())
        )

    def _spares(self) -> bool:
        """Whether a workflow is content with some of its branches."""
        return any(
            isinstance(task, Workflow) and task.is_workflow() and task.acceptance != 1
            for task in flatten(self.merge_requires())
        )

    def _merged(self) -> Merged:
        """All tasks whose outputs are merged."""
        return maps.merged_of(self._key(), lambda: Merged(flatten(self.merge_requires())))

    def _key(self) -> maps.Key:
        return maps.key_of(self, ("merge_places",))

    def _places(self) -> Sequence[int]:
        """The places of the tasks that this step is about."""
        if self.is_last_step():
            return range(len(self._merged()))
        if len(self.merge_places) == 1 and (stop := self.merge_places[0][1]) is not None:
            return range(self.merge_places[0][0], stop)
        return list(selected(self.merge_places, range(len(self._merged()))))

    def _there(self) -> Sequence[int]:
        """The places of the tasks whose outputs are there."""
        merged = self._merged()
        outputs = [flatten(merged[place].output()) for place in range(len(merged))]
        there = iter(presence(flatten(outputs)))
        complete = [all([*islice(there, len(made))]) for made in outputs]
        return [place for place, flag in enumerate(complete) if flag]

    def _inputs(self, places: Sequence[int]) -> list[Any]:
        """The tasks whose outputs a step over these places merges: as few as can be."""
        if self.merge_factor < 2:
            raise ValueError(f"{self.task_family}: merge_factor is {self.merge_factor}: at least 2 are merged at once")
        size = 1
        while size * self.merge_factor < len(places):
            size *= self.merge_factor
        merged = self._merged()
        chunks = [places[start : start + size] for start in range(0, len(places), size)]
        return [
            merged[chunk[0]] if len(chunk) == 1 else self.clone(merge_places=_spans(chunk)) for chunk in chunks
        ]

    def _wanted_for(self) -> list[Any]:
        """The steps above this one, from the last on."""
        above: list[Any] = []
        step = self.clone(merge_places=())
        while step != self:
            above.append(step)
            below = self._steps(step._inputs(step._places()))
            step = next((one for one in below if self._places()[0] in one._places()), self)
        return above

    def _steps(self, tasks: list[Any]) -> list[Any]:
        """Those of what is merged that are steps of this cascade themselves."""
        return [task for task in tasks if isinstance(task, MergeCascade) and task.task_family == self.task_family]


def _spans(places: Sequence[int]) -> Any:
    return places if isinstance(places, range) else list(places)


def hadd(inputs: Sequence[Any], output: Any, *, program: str = "hadd", arguments: Sequence[str] = ()) -> None:
    """Merges ROOT files by ROOT's own program: `merge = hadd`, or called by a `merge()` of one's own.

    Raises FileNotFoundError where there is no such program, subprocess.CalledProcessError when it fails.
    """
    import subprocess  # only for those who merge so

    from ..targets.staging import fetched  # only for those who merge

    with fetched(list(inputs)) as local, output.localize("w") as made:
        subprocess.run([program, "-f", *arguments, made.path, *(target.path for target in local)], check=True)

"""Many files to one, in steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..parameters import IntParameter
from ..structure import flatten
from ..task import Task
from .workflow import Workflow


class MergeCascade(Task):
    """Merges the outputs of many tasks into one, `merge_factor` at a time, by as many tasks as that takes.

    `merge_requires()` says whose outputs are merged: a workflow, or tasks in a list; `merge_output()` what the last
    step makes; `merge(inputs, output)` how a step is done. A step starts when the few tasks are complete whose outputs
    it merges; what it was made from in between is removed when it is done.
    """

    merge_level = IntParameter(default=-1, positional=False, description="Level of one step; -1: the last one.")
    merge_part = IntParameter(default=0, positional=False, description="Number of one step in its level.")

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

    def part_output(self, level: int, part: int) -> Any:
        """The file that a step in between makes; by default beside the last one, which has to be a file then."""
        final = self.merge_output()
        stem, dot, ends = final.basename.partition(".")
        return final.sibling(f"{stem}.merge-{level}-{part}{dot}{ends}")

    # ---- what follows from that

    def requires(self) -> Any:
        """What this step merges: steps of the level below, or some of the tasks of `merge_requires()`."""
        if self._is_late():
            return self.merge_requires()
        return self._merged_tasks()

    def output(self) -> Any:
        """The file that this step makes."""
        return self.merge_output() if self.merge_level < 0 else self.part_output(self.merge_level, self.merge_part)

    def run(self) -> Any:
        """Merges; a cascade over a workflow whose branches were not known when it was planned asks for its steps."""
        return self._after_asking() if self._is_late() else self._merge()

    def _after_asking(self) -> Any:
        yield self._merged_tasks()
        self._merge()

    def _merge(self) -> None:
        tasks = self._merged_tasks()
        inputs = flatten([task.output() for task in tasks])
        if self._spares():
            inputs = [target for target in inputs if target.exists()]
        if not inputs:
            raise ValueError(f"{self!r} has nothing to merge")
        self.merge(inputs, self.output())
        if not self.keeps_parts:
            for task in tasks:
                if isinstance(task, MergeCascade) and task.task_family == self.task_family:
                    task.output().remove()

    # ---- the shape of the tree

    def _is_late(self) -> bool:
        """Whether the branches of a workflow are known only when it has been prepared."""
        return any(isinstance(task, Workflow) and task.late_branch_map for task in flatten(self.merge_requires()))

    def _spares(self) -> bool:
        """Whether a workflow is content with some of its branches: then all must have ended before any are merged."""
        return any(
            isinstance(task, Workflow) and task.is_workflow() and task.acceptance != 1
            for task in flatten(self.merge_requires())
        )

    def _leaves(self) -> list[Any]:
        """The tasks whose outputs are merged, branches one by one."""
        leaves: list[Any] = []
        for task in flatten(self.merge_requires()):
            if isinstance(task, Workflow) and task.is_workflow():
                leaves += [task.as_branch(number) for number in task.branch_numbers()]
            else:
                leaves.append(task)
        return leaves

    def _counts(self, leaves: int) -> list[int]:
        """How many there are of each level, of the tasks that are merged first."""
        if self.merge_factor < 2:
            raise ValueError(f"{self.task_family}: merge_factor is {self.merge_factor}: at least 2 are merged at once")
        counts = [leaves]
        while counts[-1] > self.merge_factor:
            counts.append(-(-counts[-1] // self.merge_factor))
        return counts

    def _merged_tasks(self) -> list[Any]:
        """The tasks whose outputs this step merges."""
        leaves = self._leaves()
        counts = self._counts(len(leaves))
        level = len(counts) if self.merge_level < 0 else self.merge_level
        below = counts[level - 1]
        first, last = 0, below
        if self.merge_level >= 0:
            first = self.merge_part * self.merge_factor
            last = min(first + self.merge_factor, below)
        if level == 1:
            return leaves[first:last]
        return [self.clone(merge_level=level - 1, merge_part=part) for part in range(first, last)]

    def _requires(self) -> list[Any]:
        needed = flatten(self.requires())
        if self._spares():
            # what can be spared is known when the whole workflow has ended
            leaves = [task for task in needed if not isinstance(task, MergeCascade)]
            if leaves:
                needed = [*flatten(self.merge_requires()), *(task for task in needed if task not in leaves)]
        return needed


def hadd(inputs: Sequence[Any], output: Any, *, program: str = "hadd", arguments: Sequence[str] = ()) -> None:
    """Merges ROOT files by ROOT's own program: `merge = hadd`, or called by a `merge()` of one's own.

    Raises FileNotFoundError where there is no such program, subprocess.CalledProcessError when it fails.
    """
    import subprocess  # only for those who merge so

    from ..targets.staging import fetched  # only for those who merge

    with fetched(list(inputs)) as local, output.localize("w") as made:
        subprocess.run([program, "-f", *arguments, made.path, *(target.path for target in local)], check=True)

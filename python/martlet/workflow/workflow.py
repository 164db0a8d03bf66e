"""A task that is many of a kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from .. import recipe
from ..parameters import IntParameter
from ..parameters.branches import BranchesParameter, selected
from ..structure import flatten, getpaths
from ..task import Task
from . import maps
from .branch_map import BranchMap
from .limits import AcceptanceParameter, ToleranceParameter

_OWN = ("branch", "branches", "acceptance", "tolerance")
"""Parameters that a workflow and its branches do not share."""


class Workflow(Task):
    """A task with branches: the same work on many pieces, a file or a systematic variation each.

    `create_branch_map()` says which branches there are and what each is about; `requires()`, `output()` and `run()` are
    those of one branch, which finds its number in `self.branch` and its piece in `self.branch_data`. Each branch is a
    task of its own: it starts when what it requires is there, runs where there is room, and has its own report.

    Without `branch` the same class makes the workflow as a whole. It requires all its branches, makes what they make
    together (a collection, by their numbers), and is complete when enough of that is there.
    """

    branch = IntParameter(default=-1, positional=False, description="Number of one branch; -1: the whole workflow.")
    branches = BranchesParameter(
        default=(), positional=False, description="Of the whole workflow only these branches, such as 0:100,250."
    )
    acceptance = AcceptanceParameter(
        default=1.0,
        positional=False,
        significant=False,
        description="How many branches must be there: a number above 1, a fraction up to 1; below 0: all but so many.",
    )
    tolerance = ToleranceParameter(
        default=None,
        positional=False,
        significant=False,
        description="Failed branches, a number or a fraction below 1, beyond which no more are started; none: all are.",
    )

    late_branch_map: ClassVar[bool] = False
    """Whether `create_branch_map()` reads what `workflow_requires()` makes, and is asked when that is there."""

    _visible_in_registry = False
    _is_whole: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "_visible_in_registry" not in cls.__dict__:
            cls._visible_in_registry = True

    # ---- what analysts write

    def create_branch_map(self) -> Any:
        """Which branches there are: a dict of numbers to what they are about, a list of that, or a number of branches.

        Asked once a run, of the whole workflow, and only when something is to be known of a branch.
        """
        raise NotImplementedError(f"{self.task_family} has no create_branch_map()")

    def workflow_requires(self) -> Any:
        """What must be there before any branch starts: as `requires()`, of the whole workflow."""
        return []

    def workflow_output(self) -> Any:
        """What the whole workflow makes; by default all that its branches make, enough of which must be there."""
        from .outputs import BranchOutputs  # only whole workflows have them

        return BranchOutputs.of(self)

    # ---- what they use

    def is_workflow(self) -> bool:
        """Whether this is the workflow as a whole."""
        return self._is_whole

    def is_branch(self) -> bool:
        """Whether this is one of the branches."""
        return not self._is_whole

    @property
    def branch_map(self) -> BranchMap:
        """What each branch is about, by its number; all of them, whatever `branches` says."""
        return self._map_by_key(self._shared_key())

    def _map_by_key(self, key: maps.Key) -> BranchMap:
        return maps.map_of(
            key,
            lambda: self.as_workflow().create_branch_map(),
            (lambda: flatten(self.workflow_input())) if self.late_branch_map else None,
        )

    @property
    def branch_data(self) -> Any:
        """What this branch is about. Raises ValueError for a branch that there is not."""
        if self._is_whole:
            raise ValueError(f"{self!r} is a whole workflow: its branches have branch_data, each its own")
        key = self._shared_key()
        told = maps.told(key)
        if self.branch in told:
            return told[self.branch]
        known = self._map_by_key(key)
        if self.branch not in known:
            raise ValueError(f"{type(self).get_task_family()} has no branch {self.branch}: there are {len(known)}")
        return known[self.branch]

    def as_branch(self, branch: int) -> Any:
        """The branch of this number, of the same workflow."""
        cls = type(self)._branch_class()
        return cls(**{**self._shared(), "branch": branch, "branches": ()})

    def as_workflow(self) -> Any:
        """The whole workflow that this branch is part of; a workflow with all its branches."""
        if self._is_whole and not self.branches:
            return self
        return type(self)._branch_class()(**self._shared())

    def branch_numbers(self) -> list[int]:
        """The numbers of the branches of this workflow: those that `branches` names, or all.

        Raises ValueError where `branches` names one that there is not.
        """
        known = self.branch_map
        for start, stop in self.branches:
            if not any(start <= n and (stop is None or n < stop) for n in known):
                named = BranchesParameter().serialize(((start, stop),))
                raise ValueError(f"{type(self).get_task_family()} has no branch {named}: there are {len(known)}")
        return list(selected(self.branches, known))

    def branch_tasks(self) -> dict[int, Any]:
        """The branches of this workflow by their numbers."""
        return {number: self.as_branch(number) for number in self.branch_numbers()}

    def workflow_input(self) -> Any:
        """The outputs of what `workflow_requires()` gives, in its structure."""
        return getpaths(self.as_workflow().workflow_requires())

    # ---- how the engine sees it

    def _requires(self) -> list[Any]:
        if self.late_branch_map and not maps.knows(self._shared_key()) and not self.as_workflow().is_splittable():
            raise ValueError("its branch map is a late one, and what it is read from is not there: run that first")
        needed = flatten(self.requires())
        if type(self).workflow_requires is not Workflow.workflow_requires:
            needed += flatten(self.as_workflow().workflow_requires())
        if self.branch not in self.branch_map:
            raise ValueError(f"{self.task_family} has no branch {self.branch}: there are {len(self.branch_map)}")
        return needed

    def _shared(self) -> dict[str, Any]:
        """The parameters that all branches and the whole have the same."""
        return {name: value for name, value in zip(self._names, self._values) if name not in _OWN}

    def _shared_key(self) -> maps.Key:
        return maps.key_of(self, _OWN, type(self)._branch_class())

    @classmethod
    def _branch_class(cls) -> Any:
        """The class that the analyst wrote."""
        return cls

    @classmethod
    def _compile_constructor(cls) -> Callable[..., Any]:
        make = recipe.constructor(cls)

        def branch_or_whole(*args: Any, **kwargs: Any) -> Any:
            return _branch_or_whole(make(*args, **kwargs))

        return branch_or_whole

    @classmethod
    def _make_by_general_rules(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return _branch_or_whole(recipe.make_by_general_rules(cls, args, kwargs))


def _branch_or_whole(task: Workflow) -> Any:
    """The branch, or the workflow as a whole, that an instance of the analyst's class stands for."""
    if task.branch >= 0:
        # `branches` is the whole's: with it, one branch would be several tasks that make the same
        return task.as_branch(task.branch) if task.branches else task
    if task.branch != -1:
        raise ValueError(f"{task.task_family} has no branch {task.branch}: branches are numbers from 0")
    from .whole import class_of  # only whole workflows need it

    whole: Any = class_of(type(task))
    return whole(**dict(zip(task._names, task._values)))

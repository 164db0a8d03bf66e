"""Workflows as a whole: what stands for all branches together.

A class of its own, made for each class of workflows when it is first needed, so that the engine sees two kinds of tasks
of one family: branches, with all that the analyst says of them, and the whole, which only gathers them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import recipe
from ..parameters.branches import selected
from ..structure import flatten
from ..targets.collection import TargetCollection, needed
from ..task import Task
from .workflow import Workflow

_OFTEN_BY_BRANCH = ("priority", "resources", "retry", "time_limit", "worker_timeout", "own_log", "disabled")
"""Attributes that an analyst may compute from `branch_data`, which a whole workflow has not."""


class Whole(Workflow):
    """What classes of whole workflows have in front of the analyst's own."""

    _visible_in_registry = False
    _is_whole = True
    sandbox = None
    isolation = "none"
    resources: Any = {}
    time_limit = None
    worker_timeout = None

    def requires(self) -> Any:
        """What must be there before any branch starts."""
        # of the whole with all branches, as each branch needs it: what is cloned there has branches of its own
        return self.as_workflow().workflow_requires()

    def output(self) -> Any:
        """What all branches make."""
        return self.workflow_output()

    def process_resources(self) -> Any:
        """None: its branches take some."""
        return {}

    def run(self) -> Any:
        """All branches have run, or they are asked for now."""
        return self._ask_for_branches() if self.late_branch_map else None

    def _ask_for_branches(self) -> Any:
        yield list(self.branch_tasks().values())

    def _requires(self) -> list[Any]:
        before = flatten(self.requires())
        if self.late_branch_map:
            return before
        # what is named last is looked at, and started, first
        return [*before, *reversed(self.branch_tasks().values())]

    def __reduce_ex__(self, protocol: Any) -> Any:
        """As any instance is copied and pickled; the class is found where it was made from the analyst's."""
        reduced: Any = super().__reduce_ex__(max(int(protocol), 2))
        _, _, *state = reduced
        return _bare, (self._branch_class(),), *state

    def is_splittable(self) -> bool:
        """Whether it can be known which branches there are."""
        return not self.late_branch_map or all(task.complete() for task in flatten(self.requires()))

    def what_is_there(self) -> str:
        """How many branches are there, for people."""
        output = self.output()
        total = len(self.branch_numbers())
        if isinstance(output, TargetCollection):
            return f"of {total} branches {output.count()} are there, and {output.needed} must be"
        return f"what its {total} branches make together is not there"

    def allowance(self) -> tuple[int, int]:
        """How many branches may lack, and how many may fail before no more are started; -1: any number."""
        total = len(selected(self.branches, self.branch_map))  # type: ignore[arg-type]
        tolerance = self.tolerance
        if tolerance is None:
            failing = -1
        else:
            failing = int(total * tolerance + 1e-9) if tolerance < 1 else int(tolerance)
        return total - needed(total, self.acceptance), failing

    # what analysts write for branches, and a whole may not be able to answer
    on_success = Task.on_success
    on_failure = Task.on_failure

    @classmethod
    def _compile_constructor(cls) -> Callable[..., Any]:
        make = recipe.constructor(cls)
        return lambda *args, **kwargs: _checked(make(*args, **kwargs))

    @classmethod
    def _make_by_general_rules(cls, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return _checked(recipe.make_by_general_rules(cls, args, kwargs))


def _checked(task: Whole) -> Any:
    """The workflow as a whole, or one of its branches, which `type(self)(branch=3)` and `self.clone(branch=3)` mean."""
    return task if task.branch < 0 else task.as_branch(task.branch)


def _complete_when_split(self: Any) -> bool:
    """Whether it is known which branches there are, and all that they make is there."""
    return self.is_splittable() and Task.complete(self)


def _complete_by_branches(self: Any) -> bool:
    """Whether enough branches say that they are complete."""
    if not self.is_splittable():
        return False
    numbers = self.branch_numbers()
    there = sum(bool(self.as_branch(number).complete()) for number in numbers)
    return there >= needed(len(numbers), self.acceptance)


def _bare(cls: Any) -> Any:
    return object.__new__(class_of(cls))


def class_of(cls: type[Workflow]) -> type[Whole]:
    """The class of the whole workflow, for the class that the analyst wrote."""
    known: Any = cls.__dict__.get("_whole_class")
    if known is None:
        known = _make(cls)
        type.__setattr__(cls, "_whole_class", known)
    return known  # type: ignore[no-any-return]


def _make(cls: Any) -> Any:
    namespace: dict[str, Any] = {
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__doc__": cls.__doc__,
        "_visible_in_registry": False,
        "_branch_class": classmethod(lambda whole: cls),
        "_namespace_at_class_time": cls._namespace_at_class_time,
    }
    for name in _OFTEN_BY_BRANCH:
        if name not in Whole.__dict__ and hasattr(getattr(cls, name), "__get__"):
            namespace[name] = getattr(Task, name)
    if cls.complete is not Task.complete:
        namespace["complete"] = _complete_by_branches
    elif cls.late_branch_map:
        namespace["complete"] = _complete_when_split
    made: Any = type(cls)(cls.__name__, (Whole, cls), namespace)
    type.__setattr__(made, "_namespace_at_class_time", cls._namespace_at_class_time)
    return made

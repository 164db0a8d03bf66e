"""What the branches of a workflow make, as one target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..recipe import recipe_of
from ..structure import flatten
from ..targets.collection import TargetCollection

if TYPE_CHECKING:
    from .workflow import Workflow


class BranchOutputs(TargetCollection):
    """The outputs of branches by their numbers; it is there when enough of them are (`acceptance`)."""

    @classmethod
    def of(cls, workflow: Workflow) -> Any:
        """The outputs of all branches of a whole workflow; an empty list when they make nothing that can be looked at.

        No branch is kept: each is made to be asked, and forgotten.
        """
        outputs = {number: branch.output() for number, branch in _passing(workflow)}
        if outputs and not any(flatten(output) for output in outputs.values()):
            return []
        return cls(outputs, workflow.acceptance)


def _passing(workflow: Workflow) -> Any:
    """Branches with their numbers, one after another."""
    numbers = workflow.branch_numbers()
    recipe = recipe_of(workflow._branch_class())
    if not numbers or not recipe.direct:
        return ((number, workflow.as_branch(number)) for number in numbers)
    first = workflow.as_branch(numbers[0])
    place = recipe.names.index("branch")
    before, after = first._values[:place], first._values[place + 1 :]
    return ((number, recipe.refill((*before, number, *after))) for number in numbers)

"""A task whose requires() does not say the same twice: what it got ready is not what it looks for."""

from __future__ import annotations

from collections.abc import Sequence

from ..task import Task
from .title import title


def changed_requirements(task: Task, planned: Sequence[Task]) -> str:
    """Says what a task requires now and did not when it was planned; empty when that is nothing."""
    try:
        now = task.deps()
    except Exception:  # user code; the task has failed for a reason of its own
        return ""
    known = {one.task_id for one in planned}
    new = [one for one in now if isinstance(one, Task) and one.task_id not in known]
    if not new:
        return ""
    more = f" and {len(new) - 1} more" if len(new) > 1 else ""
    return (
        f"requires() answers otherwise than when the run was planned: {title(new[0])}{more} was not asked for then; "
        "let it depend on the task's parameters alone, or yield such tasks in run()"
    )

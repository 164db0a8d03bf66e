"""What a task asks for that is more than there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .shares import CORES, GPU

if TYPE_CHECKING:
    from ..task import Task


def excess(task: Task, limits: Mapping[str, float]) -> str:
    """In words: `7 memory_gb, and there are 6`; empty where that is not a matter of counted resources alone.

    `limits`: what the run has; of a resource without a limit there is one.
    """
    try:
        wanted = task.process_resources()
    except Exception:  # user code: it is told of elsewhere
        return ""
    parts = []
    for name, amount in sorted(wanted.items()):
        most = limits.get(name, 1)
        # of those that mean something of the machine there are as many as it has
        is_counted = name != CORES and (name != GPU or name in limits)
        if is_counted and amount > most:
            parts.append(f"{amount:g} {name}, and there {'is' if most == 1 else 'are'} {most:g}")
    return "; ".join(parts)

"""What a cascade merges, in its order: tasks, and the branches of workflows one by one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from .workflow import Workflow


class Merged:
    """The tasks whose outputs are merged, by their places. Branches are made when they are asked for."""

    def __init__(self, required: Iterable[Any]) -> None:
        """`required`: whole workflows stand for their branches; raises what their `create_branch_map()` does."""
        self._sources: list[Any] = []
        self._numbers: list[Sequence[int] | None] = []
        """Of each source the branches; None for a task that is merged itself."""
        self._firsts: list[int] = []
        """Of each source the place of the first."""
        self._digests: dict[tuple[int, ...], str] = {}
        self._count = 0
        for task in required:
            numbers = task.branch_numbers() if isinstance(task, Workflow) and task.is_workflow() else None
            if numbers is not None and not numbers:
                continue
            self._sources.append(task)
            self._numbers.append(numbers)
            self._firsts.append(self._count)
            self._count += 1 if numbers is None else len(numbers)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: int) -> Any:
        """Raises IndexError where there is none."""
        if not 0 <= place < self._count:
            raise IndexError(f"nothing is merged in place {place}: there are {self._count}")
        source = bisect_right(self._firsts, place) - 1
        task, numbers = self._sources[source], self._numbers[source]
        return task if numbers is None else task.as_branch(numbers[place - self._firsts[source]])

    def digest(self, places: Sequence[int]) -> str:
        """Ten characters that tell which tasks lie at these places, in this order."""
        key = (places.start, places.stop) if isinstance(places, range) else tuple(places)
        if key not in self._digests:
            ids = "\n".join(self[place].task_id for place in places)
            self._digests[key] = sha256(ids.encode()).hexdigest()[:10]
        return self._digests[key]

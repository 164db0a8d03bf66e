"""Planned tasks on their way to the engine."""

from __future__ import annotations

from array import array
from collections.abc import Container


class Columns:
    """One column a property; crosses the bridge thousands of rows at a time."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._index, self._kind, self._family = array("i"), bytearray(), array("i")
        self._priority, self._requirement = array("d"), array("i")
        self._count, self._dependencies = array("i"), array("i")

    def __len__(self) -> int:
        return len(self._index)

    def add(
        self, index: int, kind: int, family: int, priority: float, requirement: int, dependencies: array[int] | None
    ) -> None:
        self._index.append(index)
        self._kind.append(kind)
        self._family.append(family)
        self._priority.append(priority)
        self._requirement.append(requirement)
        if dependencies is None:
            self._count.append(0)
        else:
            self._count.append(len(dependencies))
            self._dependencies.extend(dependencies)

    def change(self, index: int, kind: int) -> bool:
        """Gives a task that was added another kind. False when there is no such task."""
        try:
            row = self._index.index(index)
        except ValueError:
            return False
        self._kind[row] = kind
        return True

    def indices(self) -> array[int]:
        """The numbers of the tasks, in order."""
        return self._index

    def needs(self) -> tuple[bytes, bytes, bytes]:
        """Of those that need others: their numbers, how many each needs, and which, as columns of int32."""
        needy = [(index, count) for index, count in zip(self._index, self._count, strict=True) if count]
        indices, counts = array("i", [index for index, _ in needy]), array("i", [count for _, count in needy])
        return indices.tobytes(), counts.tobytes(), self._dependencies.tobytes()

    def move(self, chosen: Container[int], to: Columns) -> None:
        """Moves rows elsewhere."""
        columns = self._index, self._kind, self._family, self._priority, self._requirement, self._count
        rows, dependencies = [*zip(*columns, strict=True)], self._dependencies
        self._clear()
        at = 0
        for index, kind, family, priority, requirement, count in rows:
            target = to if index in chosen else self
            target.add(index, kind, family, priority, requirement, dependencies[at : at + count])
            at += count

    def take(self) -> tuple[bytes, bytes, bytes, bytes, bytes, bytes, bytes]:
        columns = (
            self._index.tobytes(),
            bytes(self._kind),
            self._family.tobytes(),
            self._priority.tobytes(),
            self._requirement.tobytes(),
            self._count.tobytes(),
            self._dependencies.tobytes(),
        )
        self._clear()
        return columns

"""Planned tasks on their way to the engine."""

from __future__ import annotations

from array import array
from collections.abc import Container

Terms = tuple[int, float, int]
"""Family, priority, the number of what a task needs to start."""
Row = tuple[int, int, Terms, "array[int] | None"]
"""Task, kind, terms, the tasks it needs."""


class Columns:
    """Rows that cross the bridge thousands at a time, one column a property."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def __len__(self) -> int:
        return len(self.rows)

    def change(self, index: int, kind: int) -> bool:
        """Gives a task that was added another kind. False when there is no such task."""
        for place, row in enumerate(self.rows):
            if row[0] == index:
                self.rows[place] = (index, kind, *row[2:])
                return True
        return False

    def change_all(self, chosen: Container[int], kind: int) -> None:
        """Gives tasks that were added another kind."""
        self.rows = [(row[0], kind, *row[2:]) if row[0] in chosen else row for row in self.rows]

    def indices(self) -> array[int]:
        """The numbers of the tasks, in order."""
        return array("i", [row[0] for row in self.rows])

    def needs(self) -> tuple[bytes, bytes, bytes]:
        """Of those that need others: their numbers, how many each needs, and which, as columns of int32."""
        needy = [(row[0], row[3]) for row in self.rows if row[3]]
        dependencies = array("i")
        for _, needed in needy:
            dependencies.extend(needed)
        counts = array("i", [len(needed) for _, needed in needy])
        return array("i", [index for index, _ in needy]).tobytes(), counts.tobytes(), dependencies.tobytes()

    def move(self, chosen: Container[int], to: Columns) -> None:
        """Moves rows elsewhere."""
        rows, self.rows = self.rows, []
        for row in rows:
            (to if row[0] in chosen else self).rows.append(row)

    def take(self) -> tuple[bytes, bytes, bytes, bytes, bytes, bytes, bytes]:
        if not self.rows:
            return (b"",) * 7
        index, kind, terms, needed = zip(*self.rows, strict=True)
        family, priority, requirement = zip(*terms, strict=True)
        self.rows = []
        counts, dependencies = array("i"), array("i")
        for one in needed:
            if one is None:
                counts.append(0)
            else:
                counts.append(len(one))
                dependencies.extend(one)
        return (
            array("i", index).tobytes(),
            bytes(kind),
            array("i", family).tobytes(),
            array("d", priority).tobytes(),
            array("i", requirement).tobytes(),
            counts.tobytes(),
            dependencies.tobytes(),
        )

"""How many tasks are looked at together while planning."""

from __future__ import annotations


class LookAhead:
    """Many at once where that is quick, fewer where each takes its time: meanwhile nothing else happens."""

    def __init__(self) -> None:
        self.reach = 256
        """So many tasks are looked at together, besides the one whose turn it is."""
        self._most = 8192
        self._longest = 0.05

    def be_brief(self) -> None:
        """Others wait for their turn from now on."""
        self._most = 1024
        self._longest = 0.02
        self.reach = min(self.reach, self._most)

    def took(self, tasks: int, seconds: float) -> None:
        """So long it took to look at so many."""
        if seconds > self._longest:
            self.reach = max(16, min(tasks, self.reach) // 2)
        elif tasks == self.reach and seconds < self._longest / 3:
            self.reach = min(2 * self.reach, self._most)

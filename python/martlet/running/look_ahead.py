"""How many tasks are looked at together while planning."""

from __future__ import annotations


class LookAhead:
    """Many at once where that is quick, fewer where each takes its time: meanwhile nothing else happens.

    Of outputs in remote stores as many as there are: their listings are under way at the same time.
    """

    def __init__(self) -> None:
        self.reach = 256
        """So many tasks are looked at together, besides the one whose turn it is."""
        self._most = 8192
        self._longest = 0.05
        self._most_remote = 1 << 17

    def be_brief(self) -> None:
        """Others wait for their turn from now on."""
        self._most = 1024
        self._longest = 0.02
        self._most_remote = 8192
        self.reach = min(self.reach, self._most)

    def took(self, tasks: int, seconds: float, *, remote: bool) -> None:
        """So long it took to look at so many; `remote`: stores were asked."""
        if remote:
            self.reach = self._most_remote
        elif seconds > self._longest:
            self.reach = max(16, min(tasks, self.reach) // 2)
        elif tasks == self.reach and seconds < self._longest / 3:
            self.reach = min(2 * self.reach, self._most)

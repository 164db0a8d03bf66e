"""What tasks print, as they print it: read from the end of their logs while the run goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable

Part = tuple[int, str, int, int]
"""A task, the file that holds what it printed, where that begins and how long it is."""


class LogTail:
    """Hands on whole lines with the task that printed them; the last one of a task even without its end."""

    def __init__(self, tell: Callable[[int, str], None]) -> None:
        """`tell(task, line)`."""
        self._tell = tell
        self._seen: dict[str, int] = {}

    def look(self, written: Iterable[Part], running: Iterable[tuple[int, str]]) -> None:
        """`written`: what is complete since the last look, in order; `running`: tasks and the files they print to."""
        for task, path, offset, length in written:
            self._hand_on(task, path, offset + length)
        for task, path in running:
            if path:
                self._hand_on(task, path, None)

    def _hand_on(self, task: int, path: str, end: int | None) -> None:
        begin = self._seen.get(path, 0)
        if end is not None and end <= begin:
            return
        try:
            with open(path, "rb") as file:
                file.seek(begin)
                text = file.read(-1 if end is None else end - begin)
        except OSError:  # there is none yet, or it is gone: `martlet logs` complains
            return
        if end is None:
            text = text[: text.rfind(b"\n") + 1]
        self._seen[path] = begin + len(text)
        for line in text.decode("utf-8", "replace").splitlines():
            self._tell(task, line)

"""What a task says of itself while it runs."""

# The names are luigi's.

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .lazy import Lazy


def _no_messages(task: Any) -> Any:
    """An empty queue: there is nobody who sends messages to a running task."""
    from queue import SimpleQueue  # for the few tasks that look for messages

    return SimpleQueue()


class Voice:
    """Methods for run(); what they are told is logged, at the level INFO."""

    _logger: ClassVar[str] = "martlet"
    """The logger of the class."""

    def set_status_message(self, message: str) -> None:
        """Says what the task is doing."""
        self._say("status", message)

    def set_tracking_url(self, tracking_url: str) -> None:
        """Says where the task can be followed."""
        self._say("is followed at", tracking_url)

    def set_progress_percentage(self, percentage: float) -> None:
        """Says how much of it is done, from 0 to 100."""
        self._say("progress in %", percentage)

    def decrease_running_resources(self, decrease_resources: Mapping[str, float]) -> None:
        """Says that the task needs less from here on. What it holds is given back at its end all the same."""
        self._say("needs less", dict(decrease_resources))

    scheduler_messages: Any = Lazy(_no_messages)

    def _say(self, what: str, value: object) -> None:
        import logging  # slow to import, and few tasks speak

        logging.getLogger(self._logger).info("%r: %s: %s", self, what, value)

"""Events of a task's life and the functions that listen to them."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any, ClassVar, TypeVar

Handler = TypeVar("Handler", bound=Callable[..., object])

clock: Callable[[], float] = perf_counter
"""What PROCESSING_TIME is measured by, in seconds."""


class Event:
    """Names of events, with the arguments handlers get."""

    DEPENDENCY_DISCOVERED = "event.core.dependency.discovered"
    """(task, dependency), for every pair found while planning."""
    DEPENDENCY_MISSING = "event.core.dependency.missing"
    """(task): not complete when it was planned."""
    DEPENDENCY_PRESENT = "event.core.dependency.present"
    """(task): complete when it was planned."""
    BROKEN_TASK = "event.core.task.broken"
    """(task, exception): requires(), output() or complete() raised."""
    START = "event.core.start"
    """(task), where it runs."""
    PROGRESS = "event.core.progress"
    """Whatever the task itself tells; Martlet never triggers it."""
    FAILURE = "event.core.failure"
    """(task, exception), where it ran."""
    SUCCESS = "event.core.success"
    """(task), where it ran."""
    PROCESSING_TIME = "event.core.processing_time"
    """(task, seconds), where it ran, if it succeeded."""
    TIMEOUT = "event.core.timeout"
    """(task, message)"""
    PROCESS_FAILURE = "event.core.process_failure"
    """(task, message): the process it ran in ended."""


DATA_ABSENT = "event.martlet.data.absent"
"""(task), where it was looked at: it is made elsewhere, has had its turn, and is not there. luigi tells nobody."""


class EventSource:
    """What lets a class be listened to: handlers of a class hear the events of all its subclasses."""

    _event_callbacks: ClassVar[dict[type, dict[str, dict[Callable[..., object], None]]]] = {}

    @classmethod
    def event_handler(cls, event: str) -> Callable[[Handler], Handler]:
        """Decorator: the function is called at every `event` of this class and its subclasses."""

        def register(handler: Handler) -> Handler:
            cls._event_callbacks.setdefault(cls, {}).setdefault(event, {})[handler] = None
            return handler

        return register

    @classmethod
    def remove_event_handler(cls, event: str, callback: Callable[..., object]) -> None:
        """Ends what `event_handler` began on this very class; KeyError if it had not begun."""
        del cls._event_callbacks[cls][event][callback]

    def trigger_event(self, event: str, *args: Any, **kwargs: Any) -> None:
        """Calls the handlers in the order of their registration.

        A handler that raises is logged with its traceback and disturbs neither the task nor other handlers.
        """
        for owner, handlers in list(self._event_callbacks.items()):
            if not isinstance(self, owner):
                continue
            for handler in list(handlers.get(event, ())):
                try:
                    handler(*args, **kwargs)
                except (Exception, SystemExit):
                    import logging  # slow to import, and hardly ever needed

                    logging.getLogger("martlet").exception("Error in event callback for %r", event)

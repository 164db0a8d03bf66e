"""A file or directory that a task makes, looked at."""

from __future__ import annotations

from ..data import Data


class Output(Data):
    task: int
    """The place in `Survey.tasks` of the task that makes it."""
    location: str
    """Path or URL, without credentials."""
    store: str
    """The name of the store that it lies in; else its folder."""
    exists: bool | None
    """None: its store could not say."""
    size: int | None = None
    """Bytes, where it is there and its store tells."""
    modified: int | None = None
    """Nanoseconds since 1970-01-01 UTC."""
    is_directory: bool = False
    cause: str = ""
    """Why its store could not say."""

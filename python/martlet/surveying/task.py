"""A task of an analysis as it stands."""

from __future__ import annotations

from collections.abc import Mapping

from ..data import Data

STATES = ("done", "stale", "would run", "missing", "blocked", "broken", "withheld")
"""done: complete. stale: complete, and something has changed since its report. missing: made elsewhere, and not there.
blocked: something behind it cannot run. broken: it cannot be planned. withheld: nothing asked for it."""


class SurveyedTask(Data):
    index: int
    """Its place in `Survey.tasks`."""
    task_id: str
    title: str
    family: str
    parameters: Mapping[str, str]
    """Public ones, as texts."""
    state: str
    """One of `STATES`."""
    why: str
    """One line."""
    needs: tuple[int, ...]
    """Places of the tasks that it needs."""
    external: bool
    """It is made elsewhere: its outputs are never removed."""
    outputs: tuple[str, ...]
    """Where its outputs lie: paths and URLs, as they are used. `Survey.outputs_of` looks at them."""
    reported: bool = False
    """Its newest report is of a success."""

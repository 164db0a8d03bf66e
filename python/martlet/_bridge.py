"""The only crossing to the Swift engine."""

from __future__ import annotations

from ._engine import Run, set_parent_death_signal
from ._engine import __version__ as _engine_version


def version() -> str:
    """The engine's version."""
    return _engine_version


__all__ = ["Run", "set_parent_death_signal", "version"]

"""Executing a script for its task classes alone: where it would begin a run of its own, it is left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_wanted_only = False


class RunReached(BaseException):
    """The script calls run() or build(). No Exception, so that a script's own handlers let it pass."""


@contextmanager
def only() -> Iterator[None]:
    """Within it every door to a run raises RunReached, and that ends the block."""
    global _wanted_only
    outer, _wanted_only = _wanted_only, True
    try:
        yield
    except RunReached:
        pass
    finally:
        _wanted_only = outer


def reach_run() -> None:
    """Called by every door to a run before it does anything."""
    if _wanted_only:
        raise RunReached

"""Executing a script for its task classes alone: where it would begin a run of its own, it is left."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

MODULE = "__martlet_main__"
"""The script's module name where it is executed for its classes: a main guard must not run."""
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


def execute(script: Path) -> None:
    """Runs the script up to where it begins a run of its own; what it raises comes through."""
    module = sys.modules[MODULE] = ModuleType(MODULE)
    module.__file__ = str(script)
    sys.argv = [str(script)]
    sys.path.insert(0, str(script.parent))
    try:
        with only():
            exec(compile(script.read_bytes(), str(script), "exec", dont_inherit=True), module.__dict__)
    except SystemExit:
        pass  # a script that ends itself has defined what it defines

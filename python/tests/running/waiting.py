"""Waiting for what another process does."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds after which a test that waits for something gives up."""


def until(condition: Callable[[], object], why: str = "waited in vain") -> None:
    """Returns when it holds. Nothing tells of a file or an end of another's child: it is looked for again and again."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, why
        time.sleep(0.01)

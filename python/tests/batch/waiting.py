"""Waiting for what others do."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_for(condition: Callable[[], bool], seconds: float = 120, what: str = "it did not come to that") -> None:
    """Looks again and again until it is so. `what`: is said when it is not so in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}, within {seconds} s"
        time.sleep(0.1)  # between two looks

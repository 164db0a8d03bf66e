"""Processes that a run has started, as a test looks at them."""

from __future__ import annotations

import time
from pathlib import Path

PATIENCE = 30.0
"""Seconds after which a test that waits for an end gives up."""


def is_gone(pid: int) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state.rpartition(")")[2].split()[0] in "ZX"


def wait_until_gone(pid: int) -> None:
    """It was killed, and is dead in a moment."""
    end = time.monotonic() + PATIENCE
    while not is_gone(pid):
        assert time.monotonic() < end, f"{pid} lives on"
        time.sleep(0.01)

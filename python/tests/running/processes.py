"""Processes that a run has started, as a test looks at them."""

from __future__ import annotations

from pathlib import Path

from running.waiting import until


def is_gone(pid: int) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state.rpartition(")")[2].split()[0] in "ZX"


def wait_until_gone(pid: int) -> None:
    """It was killed, and is dead in a moment."""
    until(lambda: is_gone(pid), f"{pid} lives on")

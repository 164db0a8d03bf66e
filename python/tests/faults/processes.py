"""Processes that an iteration has started, found by a mark in their environment, whoever their parents are."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


class Living(NamedTuple):
    line: str
    """Its command line."""
    state: str
    """As ps tells it, with its parent and its process group."""


def marked(mark: str) -> dict[int, Living]:
    """Living processes with `NAME=value` in their environment."""
    wanted = mark.encode()
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if wanted not in (entry / "environ").read_bytes().split(b"\0"):
                continue
            state, parent, group, *_ = (entry / "stat").read_text().rpartition(")")[2].split()
            if state in "ZX":
                continue
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
            found[int(entry.name)] = Living(line, f"{state}, parent {parent}, group {group}")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """Sends a signal; a process that is gone is passed over."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)

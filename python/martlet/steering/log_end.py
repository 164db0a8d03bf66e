"""The end of what a task printed, for the summary."""

from __future__ import annotations

import os
from pathlib import Path

from ..running.result import Ending

MOST = 8
"""Lines."""
_BYTES = 4000


def lines(ending: Ending) -> list[str]:
    """The last lines of the task's own part of its log; empty where it printed nothing, or that cannot be read.

    Of tasks that ran in a worker only where nothing else says how they ended: what jobs print nobody has seen yet.
    """
    if not ending.log or (ending.details and not _is_of_job(ending.log)):
        return []
    try:
        with open(ending.log, "rb") as log:
            begin, end = ending.log_offset, ending.log_offset + ending.log_length
            size = os.fstat(log.fileno()).st_size
            # a job that goes on, or whose file was seen late, has printed more since
            end = min(end, size) if end > begin else size
            first = max(begin, end - _BYTES)
            log.seek(first)
            text = log.read(end - first).decode(errors="replace")
    except OSError:
        return []
    found = text.rstrip().splitlines()
    if first > begin and len(found) > 1:
        found = found[1:]  # it begins somewhere within a line
    return [_printable(line) for line in found[-MOST:]]


def _is_of_job(log: str) -> bool:
    return Path(log).parent.parent.name == "jobs"


def _printable(line: str) -> str:
    return "".join(char if char.isprintable() or char == "\t" else "?" for char in line[-500:])

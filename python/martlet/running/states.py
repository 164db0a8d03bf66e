"""States and reasons as the engine numbers them."""

from __future__ import annotations

from enum import IntEnum


class State(IntEnum):
    """The same numbers as `TaskState` in the engine."""

    UNSEEN = 0
    PRESENT = 1
    WAITING = 2
    READY = 3
    RUNNING = 4
    DONE = 5
    FAILED = 6
    MISSING = 7
    BROKEN = 8
    BLOCKED = 9
    WITHHELD = 10


class ReasonCode(IntEnum):
    """The same numbers as `Reason.Code` in the engine."""

    NONE = 0
    OUTPUT_ABSENT = 1
    INCOMPLETE = 2
    WITHOUT_OUTPUTS = 3
    FORCED = 4
    GATHERS = 5
    DEPENDENCY_FORCED = 6
    COMPLETE = 7
    EXTERNAL_ABSENT = 8
    PLANNING_FAILED = 9
    NEVER_FITS = 10
    BLOCKED_BY = 11
    NOT_NEEDED = 12
    BEYOND_UNTIL = 13
    FAIL_FAST = 14
    INTERRUPTED = 15
    UNRECORDABLE = 16
    SUCCEEDED = 17
    RAISED = 18
    OUTPUTS_NOT_MADE = 19
    WORKER_LOST = 20
    INTERRUPTED_WHILE_RUNNING = 21
    COULD_NOT_START = 22

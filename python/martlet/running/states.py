"""States and reasons as the engine numbers them; a test compares them with the engine's own names."""

from __future__ import annotations

from enum import IntEnum


class State(IntEnum):
    """`TaskState` in the engine."""

    UNSEEN = 0
    PRESENT = 1
    WAITING = 2
    READY = 3
    RUNNING = 4
    SUSPENDED = 5
    DELAYED = 6
    DONE = 7
    FAILED = 8
    MISSING = 9
    BROKEN = 10
    BLOCKED = 11
    WITHHELD = 12


class ReasonCode(IntEnum):
    """`Reason.Code` in the engine."""

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
    CYCLE = 11
    BLOCKED_BY = 12
    NOT_NEEDED = 13
    BEYOND_UNTIL = 14
    FAIL_FAST = 15
    INTERRUPTED = 16
    UNRECORDABLE = 17
    SUCCEEDED = 18
    RAISED = 19
    OUTPUTS_NOT_MADE = 20
    WORKER_LOST = 21
    INTERRUPTED_WHILE_RUNNING = 22
    COULD_NOT_START = 23
    TIMED_OUT = 24
    OUT_OF_MEMORY = 25
    STORAGE_TROUBLE = 26
    TRIED_AGAIN = 27
    ASKED = 28

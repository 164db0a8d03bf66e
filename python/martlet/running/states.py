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
    ELSEWHERE = 7
    DONE = 8
    FAILED = 9
    MISSING = 10
    BROKEN = 11
    BLOCKED = 12
    WITHHELD = 13


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
    LEASED_ELSEWHERE = 18
    MADE_ELSEWHERE = 19
    SUCCEEDED = 20
    RAISED = 21
    OUTPUTS_NOT_MADE = 22
    WORKER_LOST = 23
    INTERRUPTED_WHILE_RUNNING = 24
    COULD_NOT_START = 25
    TIMED_OUT = 26
    OUT_OF_MEMORY = 27
    STORAGE_TROUBLE = 28
    TRIED_AGAIN = 29
    ASKED = 30

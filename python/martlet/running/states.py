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
    POISONED = 20
    SUCCEEDED = 21
    RAISED = 22
    OUTPUTS_NOT_MADE = 23
    WORKER_LOST = 24
    INTERRUPTED_WHILE_RUNNING = 25
    COULD_NOT_START = 26
    TIMED_OUT = 27
    OUT_OF_MEMORY = 28
    STORAGE_TROUBLE = 29
    TRIED_AGAIN = 30
    ASKED = 31

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


OVER = (State.DONE, State.FAILED, State.PRESENT)
"""What tasks of a job end in."""


class ReasonCode(IntEnum):
    """`Reason.Code` in the engine."""

    NONE = 0
    OUTPUT_ABSENT = 1
    INCOMPLETE = 2
    WITHOUT_OUTPUTS = 3
    FORCED = 4
    GATHERS = 5
    DEPENDENCY_FORCED = 6
    REPORT_ABSENT = 7
    REPORT_FAILED = 8
    UNREPORTED = 9
    OUTPUT_GONE = 10
    INPUTS_CHANGED = 11
    CODE_CHANGED = 12
    ENVIRONMENT_CHANGED = 13
    COMPLETE = 14
    EXTERNAL_ABSENT = 15
    PLANNING_FAILED = 16
    NEVER_FITS = 17
    CYCLE = 18
    BLOCKED_BY = 19
    NOT_NEEDED = 20
    BEYOND_UNTIL = 21
    FAIL_FAST = 22
    INTERRUPTED = 23
    UNRECORDABLE = 24
    LEASED_ELSEWHERE = 25
    MADE_ELSEWHERE = 26
    POISONED = 27
    BRANCHES_FAILED = 28
    SUCCEEDED = 29
    RAISED = 30
    OUTPUTS_NOT_MADE = 31
    WORKER_LOST = 32
    INTERRUPTED_WHILE_RUNNING = 33
    COULD_NOT_START = 34
    TIMED_OUT = 35
    OUT_OF_MEMORY = 36
    STORAGE_TROUBLE = 37
    TRIED_AGAIN = 38
    ASKED = 39
    OUTPUTS_REMOVED = 40
    FAILED_ALIKE = 41

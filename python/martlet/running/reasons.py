"""Why a task runs or not, in words."""

from __future__ import annotations

from collections.abc import Callable

from ..data import Data
from .states import ReasonCode


class Reason(Data):
    """What the engine recorded when it decided."""

    code: ReasonCode
    subject: int | None
    """The index of another task that it is about."""
    holder: str = ""
    """The other run that holds the task's lease."""


def words(
    reason: Reason,
    title: Callable[[int], str],
    absent: Callable[[], str],
    excess: Callable[[], str] = str,
    since: Callable[[], str] = str,
    said: Callable[[int], str] = lambda _: "",
) -> str:
    """One line. `title` names a task, `absent` the first output that is not there, `excess` what is too much to ask,
    `since` the moment of its report, `said` how a task has failed."""
    subject = "" if reason.subject is None else title(reason.subject)
    match reason.code:
        case ReasonCode.OUTPUT_ABSENT:
            return f"{absent()} is not there"
        case ReasonCode.INCOMPLETE:
            return "its complete() says no"
        case ReasonCode.WITHOUT_OUTPUTS:
            return "it has no outputs to look at"
        case ReasonCode.FORCED:
            return "forced"
        case ReasonCode.GATHERS:
            return "something it needs runs"
        case ReasonCode.DEPENDENCY_FORCED:
            return f"{subject} runs again"
        case ReasonCode.REPORT_ABSENT:
            return "no report tells of it"
        case ReasonCode.REPORT_FAILED:
            return "its newest report is of a failure"
        case ReasonCode.OUTPUTS_REMOVED:
            return "its outputs were removed"
        case ReasonCode.UNREPORTED:
            return "its output is there, but no report tells of it"
        case ReasonCode.OUTPUT_GONE:
            return f"its report says that it is done, but {absent()} is not there"
        case ReasonCode.INPUTS_CHANGED:
            return f"{subject or 'something it needs'}, which it was made from, has changed"
        case ReasonCode.CODE_CHANGED:
            return f"its code has changed since {since() or 'its report'}"
        case ReasonCode.ENVIRONMENT_CHANGED:
            return f"its environment has changed since {since() or 'its report'}"
        case ReasonCode.COMPLETE:
            return "complete"
        case ReasonCode.EXTERNAL_ABSENT:
            return f"external, and {absent()} is not there"
        case ReasonCode.NEVER_FITS:
            return f"it needs {excess() or 'more of a resource than there is'}"
        case ReasonCode.CYCLE:
            return "it needs itself, directly or through others"
        case ReasonCode.BLOCKED_BY:
            return f"needs {subject}"
        case ReasonCode.NOT_NEEDED:
            return "nothing that runs needs it"
        case ReasonCode.BEYOND_UNTIL:
            return "lies beyond --until"
        case ReasonCode.FAIL_FAST:
            return f"not started after {subject} failed"
        case ReasonCode.INTERRUPTED:
            return "not started: interrupted"
        case ReasonCode.UNRECORDABLE:
            return "not started: records can no longer be written"
        case ReasonCode.LEASED_ELSEWHERE:
            return "another run is at work on it" + (f" ({reason.holder})" if reason.holder else "")
        case ReasonCode.MADE_ELSEWHERE:
            return "made by another run"
        case ReasonCode.BRANCHES_FAILED:
            return f"not started: {subject} was one failure too many among the branches of its workflow"
        case ReasonCode.FAILED_ALIKE:
            how = "" if reason.subject is None else said(reason.subject) or f"the last was {subject}"
            return f"not started: too many jobs have failed alike{how and f': {how}'}"
        case ReasonCode.POISONED:
            return f"not started: every process that ran a task of its family was lost, the last with {subject}"
        case ReasonCode.WORKER_LOST:
            return "the process that ran it ended"
        case ReasonCode.INTERRUPTED_WHILE_RUNNING:
            return "interrupted while it ran"
        case _:
            return reason.code.name.lower().replace("_", " ")

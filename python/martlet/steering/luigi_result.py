"""A run's end in luigi's words."""

from __future__ import annotations

import sys
from enum import Enum
from typing import Any

from ..data import Data
from ..running.result import ExitCode, RunResult
from . import summary


class LuigiStatusCode(Enum):
    """luigi's verdicts: a smiley and its reason."""

    SUCCESS = (":)", "there were no failed tasks or missing dependencies")
    SUCCESS_WITH_RETRY = (":)", "there were failed tasks but they all succeeded in a retry")
    FAILED = (":(", "there were failed tasks")
    FAILED_AND_SCHEDULING_FAILED = (":(", "there were failed tasks and tasks whose scheduling failed")
    SCHEDULING_FAILED = (":(", "there were tasks whose scheduling failed")
    NOT_RUN = (":|", "there were tasks that were not granted run permission by the scheduler")
    MISSING_EXT = (":|", "there were missing external dependencies")


class LuigiRunResult(Data):
    """What luigi returns under `detailed_summary`; `worker` is there for its name, and `result` is ours."""

    status: LuigiStatusCode
    one_line_summary: str
    summary_text: str
    scheduling_succeeded: bool
    """True unless a task failed or could not be planned; missing external data is no failure, as in luigi."""
    result: RunResult
    worker: Any = None

    @classmethod
    def of(cls, result: RunResult) -> LuigiRunResult:
        status = _status(result)
        face, reason = status.value
        return cls(
            status=status,
            one_line_summary=f"This progress looks {face} because {reason}",
            summary_text=summary.text(result, sys.stderr),
            scheduling_succeeded=result.exit_code in (ExitCode.OK, ExitCode.MISSING),
            result=result,
        )


def _status(result: RunResult) -> LuigiStatusCode:
    broken = result.count("broken") > 0 or result.exit_code == ExitCode.BROKEN
    if result.count("failed"):
        return LuigiStatusCode.FAILED_AND_SCHEDULING_FAILED if broken else LuigiStatusCode.FAILED
    if broken:
        return LuigiStatusCode.SCHEDULING_FAILED
    if result.exit_code == ExitCode.MISSING:
        return LuigiStatusCode.MISSING_EXT
    return LuigiStatusCode.SUCCESS if result else LuigiStatusCode.NOT_RUN

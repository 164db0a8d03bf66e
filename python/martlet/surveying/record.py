"""What the records are told when outputs are removed: the next run makes them again where reports decide."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from .. import _bridge
from ..diagnostics import Code, Diagnostic, MartletError
from ..running import provenance
from .survey import Survey

CAUSE = "its outputs were removed"


class RemovalRecord:
    """A segment of reports that outputs were removed: docs/reports.md. None is made before something is to be told."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._run: _bridge.Run | None = None

    def __enter__(self) -> RemovalRecord:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._run is not None:
            self._run.close()

    def tell(self, removed: Mapping[int, Sequence[str]]) -> None:
        """Outputs of tasks are about to be removed: by their places in the survey, which.

        Tasks without a report of a success are passed over. Raises MartletError where it cannot be recorded.
        """
        now = time.time_ns()
        lines = [
            self._line(index, locations, now) for index, locations in removed.items()
            if self._survey.tasks[index].reported
        ]  # fmt: skip
        if lines:
            run = self._opened()
            run.note_records("\n".join(lines).encode("utf-8", "backslashreplace"))
            if trouble := json.loads(run.summary())["notes"]:
                raise MartletError(Diagnostic(Code.STATE_UNWRITABLE, self._survey.state, str(trouble[0][1])))

    def _opened(self) -> _bridge.Run:
        if self._run is None:
            state = Path(self._survey.state)
            run = _bridge.Run(json.dumps({"slots": 1, "here": True}))
            try:
                state.mkdir(parents=True, exist_ok=True)
                run.open_records(str(state), str(state / "logs"), json.dumps(provenance.head(None, _bridge.version())))
            except (OSError, RuntimeError) as error:
                raise MartletError(Diagnostic(Code.STATE_UNWRITABLE, str(state), str(error))) from error
            self._run = run
        return self._run

    def _line(self, index: int, locations: Sequence[str], now: int) -> str:
        task = self._survey.tasks[index]
        told = {
            "task": task.task_id, "family": task.family, "title": task.title, "params": dict(task.parameters),
            "outputs": [], "state": "failed", "cause": CAUSE, "start": now, "wall": 0, "removed": list(locations),
        }  # fmt: skip
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))[1:-1]

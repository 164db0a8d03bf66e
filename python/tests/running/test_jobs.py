"""Jobs of a batch system: submitted and looked after whatever runs here meanwhile."""

from __future__ import annotations

from pathlib import Path

from martlet.running.build import run
from martlet.running.options import Options
from martlet.running.reporter import Silent
from running.analysis import Leg, Watches


def test_jobs_end_and_are_followed_by_others_while_a_task_runs_here(tmp_path: Path) -> None:
    options = Options(workers=1, batch="local", state=tmp_path / "state")
    result = run([Watches(str(tmp_path)), Leg(str(tmp_path), 2)], options, Silent())
    assert result.exit_code == 0, [ending.cause for ending in result.endings]
    # the second job ended, and the third was submitted, before the task here had ended
    assert result.count("done") == 4

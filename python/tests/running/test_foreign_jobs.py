"""Tasks of which another batch system has jobs, in plans of each kind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from martlet.parameters import IntParameter
from martlet.running.build import plan
from martlet.running.options import Options
from martlet.running.reporter import Silent
from martlet.running.result import ExitCode
from running.runs import ran, reports
from running.streamed import Early, Made, Watch, go
from running.waiting import until


class Piece(Made):
    """Is made once a file of its own is gone."""

    n = IntParameter()

    def run(self) -> None:
        until(lambda: not Path(self.folder, f"wait-{self.n}").exists())
        super().run()


class Pieces(Made):
    count = IntParameter()

    def requires(self) -> Any:
        return [Early(self.folder), *(Piece(self.folder, n) for n in range(self.count))]


def leave(folder: Path, waiting: range, **options: Any) -> None:
    """Leaves jobs of twelve tasks in the system `local`."""
    hold(folder, waiting)
    pieces = [Piece(str(folder), n) for n in range(12)]
    result = go(pieces, folder, planning="first", batch="local", no_wait=True, **options)
    assert result.exit_code == ExitCode.LEFT, result.endings


def hold(folder: Path, waiting: range) -> None:
    for n in waiting:
        (folder / f"wait-{n}").touch()


@pytest.fixture
def left(tmp_path: Path) -> Iterator[Path]:
    leave(tmp_path, range(12))
    yield tmp_path
    cancel(tmp_path)


def cancel(folder: Path) -> None:
    martlet = str(Path(sys.executable).parent / "martlet")
    subprocess.run([martlet, "jobs", "cancel", "--all", "--state", folder / "state"], check=True, timeout=60)


@pytest.mark.usefixtures("short_slices")
@pytest.mark.parametrize("planning", ["first", "stream"])
def test_only_what_no_job_does_is_run(left: Path, planning: str) -> None:
    watch = Watch()
    result = go(Pieces(str(left), 12), left, planning=planning, reporter=watch)
    assert result.exit_code == ExitCode.BROKEN and ran(left) == ["early"]
    assert (watch.told[0] == "planned 13") == (planning == "first") or "started" in watch.told
    broken = [ending for ending in result.endings if ending.state == "broken"]
    assert len(broken) == 12 and all(one.has_job and "has a job in local, martlet-" in one.cause for one in broken)
    assert result.count("blocked") == 1
    cancel(left)
    for file in left.glob("wait-*"):
        file.unlink()
    assert go(Pieces(str(left), 12), left, planning=planning).exit_code == ExitCode.OK


def test_a_forced_task_is_not_run_beside_its_job(left: Path) -> None:
    result = go(Piece(str(left), 3), left, planning="first", force=("Piece",))
    assert result.exit_code == ExitCode.BROKEN and not ran(left)


def test_what_its_job_has_reported_is_complete(tmp_path: Path) -> None:
    leave(tmp_path, range(1, 12), tasks_per_job=12)
    try:
        until(lambda: len(reports(tmp_path)) == 1)
        rules = {"planning": "first", "complete_by": {"Piece": "reports"}}
        assert go(Piece(str(tmp_path), 0), tmp_path, **rules).exit_code == ExitCode.OK
        assert go(Piece(str(tmp_path), 1), tmp_path, **rules).exit_code == ExitCode.BROKEN
        assert len(ran(tmp_path)) == 1
    finally:
        cancel(tmp_path)


def test_only_dry_runs_ask_batch_systems(left: Path) -> None:
    roots = [Piece(str(left), 1)]
    options = Options(state=left / "state")
    assert plan(roots, options, Silent()).tasks[0].state == "waiting"
    told = plan(roots, options.replaced(dry_run=True), Silent())
    assert told.tasks[0].state == "broken" and told.endings[0].has_job
    assert plan(roots, options.replaced(dry_run=True, batch="local"), Silent()).tasks[0].state == "waiting"

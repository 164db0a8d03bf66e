"""Whole runs in this process: planner, engine, workers, reports."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from martlet.diagnostics import Code, MartletError
from martlet.running.build import plan
from martlet.running.options import Options
from martlet.running.reporter import Silent
from martlet.running.result import ExitCode
from martlet.task import Task
from running.analysis import (
    Broken,
    Circle,
    NeedsData,
    Number,
    Odd,
    Own,
    PlainWrapper,
    Total,
    Trouble,
    Undecided,
    Unnamed,
    Wrapper,
)
from running.runs import go, ran, reports


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path)


@pytest.mark.parametrize("workers", [1, 3])
class TestRun:
    def test_makes_what_is_missing_after_what_it_needs(self, tmp_path: Path, folder: str, workers: int) -> None:
        result = go(Total(folder, 4), tmp_path, workers)
        assert result.exit_code == ExitCode.OK
        assert (tmp_path / "total-4").read_text() == "6"
        assert sorted(ran(tmp_path)) == ["number-0", "number-1", "number-2", "number-3", "total-4"]
        assert ran(tmp_path)[-1] == "total-4"
        assert result.count("done") == 5

    def test_a_second_run_finds_everything_done(self, tmp_path: Path, folder: str, workers: int) -> None:
        go(Total(folder, 2), tmp_path, workers)
        result = go(Total(folder, 2), tmp_path, workers)
        assert result and result.count("done") == 0 and result.count("present") == 1
        assert len(ran(tmp_path)) == 3

    def test_remakes_only_what_is_needed(self, tmp_path: Path, folder: str, workers: int) -> None:
        go(Total(folder, 3), tmp_path, workers)
        (tmp_path / "number-1").unlink()
        assert go(Total(folder, 3), tmp_path, workers).count("done") == 0
        (tmp_path / "total-3").unlink()
        (tmp_path / "ran").unlink()
        assert go(Total(folder, 3), tmp_path, workers).count("done") == 2
        assert ran(tmp_path) == ["number-1", "total-3"]

    def test_a_failure_stops_only_what_needs_it(self, tmp_path: Path, folder: str, workers: int) -> None:
        result = go(Wrapper(folder, ["fail"], count=3), tmp_path, workers)
        assert result.exit_code == ExitCode.FAILED
        assert (tmp_path / "total-3").exists()
        failed, blocked = result.endings
        assert failed.state == "failed" and failed.cause == "ValueError: the jets are gone"
        assert "troubles.py" in failed.details and "running/execution.py" not in failed.details
        assert blocked.state == "blocked" and blocked.root == failed.index

    def test_every_execution_is_reported(self, tmp_path: Path, folder: str, workers: int) -> None:
        go(Wrapper(folder, ["fail"], count=2), tmp_path, workers)
        records = {str(record["family"]): record for record in reports(tmp_path)}
        assert set(records) == {"Number", "Total", "Trouble"}
        assert records["Trouble"]["state"] == "failed"
        assert records["Trouble"]["cause"] == "ValueError: the jets are gone"
        assert records["Total"]["outputs"][0][:2] == [f"{folder}/total-2", 1]  # type: ignore[index]
        assert len(records["Total"]["inputs"]) == 2  # type: ignore[arg-type]
        assert records["Total"]["why"] == ["outputAbsent"]

    def test_a_task_must_make_its_outputs(self, tmp_path: Path, folder: str, workers: int) -> None:
        result = go(Trouble(folder, "forget"), tmp_path, workers)
        assert result.exit_code == ExitCode.FAILED
        assert f"{folder}/trouble-forget" in result.endings[0].cause

    def test_outputs_may_be_left_unmade_where_that_is_allowed(self, tmp_path: Path, folder: str, workers: int) -> None:
        result = go(Trouble(folder, "forget"), tmp_path, workers, check_outputs=False)
        assert result.exit_code == ExitCode.OK
        assert f"{folder}/trouble-forget" in result.notes[0]

    def test_sys_exit_is_the_tasks_failure(self, tmp_path: Path, folder: str, workers: int) -> None:
        result = go(Trouble(folder, "leave"), tmp_path, workers)
        assert result.endings[0].cause == "SystemExit: 3"

    def test_nothing_half_written_is_left(self, tmp_path: Path, folder: str, workers: int) -> None:
        go(Trouble(folder, "half"), tmp_path, workers)
        assert [path.name for path in tmp_path.iterdir() if path.name != "state"] == []

    def test_surroundings_are_put_back(self, tmp_path: Path, folder: str, workers: int) -> None:
        before = os.getcwd()
        result = go([Trouble(folder, "wander"), Total(folder, 2)], tmp_path, workers)
        assert result.exit_code == ExitCode.OK
        assert os.getcwd() == before and "WANDERED" not in os.environ
        assert os.stat(tmp_path / "total-2").st_mode & 0o600 == 0o600

    def test_missing_data_is_named_and_the_rest_runs(self, tmp_path: Path, folder: str, workers: int) -> None:
        result = go([NeedsData(folder), Total(folder, 2)], tmp_path, workers)
        assert result.exit_code == ExitCode.MISSING
        assert (tmp_path / "total-2").exists()
        missing = next(ending for ending in result.endings if ending.state == "missing")
        assert f"{folder}/data" in missing.cause

    @pytest.mark.parametrize("where", ["requires", "output", "complete"])
    def test_what_cannot_be_planned_is_broken(self, tmp_path: Path, folder: str, workers: int, where: str) -> None:
        broken = Undecided() if where == "complete" else Broken(where)
        result = go([broken, Total(folder, 2)], tmp_path, workers)
        assert result.exit_code == ExitCode.BROKEN
        assert (tmp_path / "total-2").exists()
        assert where in result.endings[0].cause

    def test_a_requirement_whose_id_cannot_be_told_breaks_whoever_names_it(
        self, tmp_path: Path, folder: str, workers: int
    ) -> None:
        result = go([Unnamed.Needed(folder), Total(folder, 2)], tmp_path, workers)
        assert result.exit_code == ExitCode.BROKEN
        assert result.endings[0].cause == "requires() raised ValueError: no text for this"
        assert (tmp_path / "total-2").exists()
        with pytest.raises(MartletError, match="Unnamed: the task could not be made: ValueError: no text for this"):
            go(Unnamed(folder), tmp_path, workers)

    def test_a_forced_task_runs_again_with_all_that_needs_it(
        self, tmp_path: Path, folder: str, workers: int
    ) -> None:
        go(Total(folder, 3), tmp_path, workers)
        (tmp_path / "ran").unlink()
        result = go(Total(folder, 3), tmp_path, workers, force=(Number(folder, 2).task_id,))
        assert result
        assert sorted(ran(tmp_path)) == ["number-2", "total-3"]

    def test_a_force_that_fits_nothing_is_refused(self, tmp_path: Path, folder: str, workers: int) -> None:
        with pytest.raises(MartletError) as caught:
            go(Total(folder, 2), tmp_path, workers, force=("Numbre",))
        assert "Numbre" in str(caught.value) and "Number" in str(caught.value)

    def test_until_stops_at_a_family(self, tmp_path: Path, folder: str, workers: int) -> None:
        result = go(Total(folder, 3), tmp_path, workers, until=("Number",))
        assert result.count("done") == 3 and not (tmp_path / "total-3").exists()
        assert result.exit_code == ExitCode.OK


@pytest.mark.parametrize("workers", [1, 2])
class TestRudeTasks:
    """What a task does to its process is its own affair: the next one finds all as it was."""

    def test_an_output_made_elsewhere_is_not_made(self, tmp_path: Path, folder: str, workers: int) -> None:
        result = go([Trouble(folder, "move"), Total(folder, 2)], tmp_path, workers)
        assert result.exit_code == ExitCode.FAILED
        assert "trouble-move" in result.endings[0].cause
        assert (tmp_path / "total-2").exists()

    @pytest.mark.parametrize("kind", ["close_streams", "no_stream", "handlers"])
    def test_streams_and_handlers_are_put_back(self, tmp_path: Path, folder: str, workers: int, kind: str) -> None:
        before = sys.stdout, sys.stderr, signal.getsignal(signal.SIGINT), list(logging.getLogger().handlers)
        assert go([Trouble(folder, kind), Total(folder, 2)], tmp_path, workers)
        assert before == (sys.stdout, sys.stderr, signal.getsignal(signal.SIGINT), list(logging.getLogger().handlers))

    def test_streams_are_put_back_after_a_failure_too(self, tmp_path: Path, folder: str, workers: int) -> None:
        before = sys.stdout, sys.stderr
        result = go(Trouble(folder, "close_streams_and_fail"), tmp_path, workers)
        assert result.endings[0].cause == "ValueError: and the streams are gone"
        assert before == (sys.stdout, sys.stderr)

    @pytest.mark.parametrize(
        ("kind", "cause"), [("mute", "Mute: its message could not be formed"), ("long_winded", "xxx")]
    )
    def test_odd_exceptions(self, tmp_path: Path, folder: str, workers: int, kind: str, cause: str) -> None:
        result = go([Trouble(folder, kind), Total(folder, 2)], tmp_path, workers)
        assert result.exit_code == ExitCode.FAILED and (tmp_path / "total-2").exists()
        assert cause in result.endings[0].cause and len(result.endings[0].cause) < 600
        assert len(result.endings[0].details) < 30_000

    @pytest.mark.parametrize("where", ["path", "repr", "priority", "resources", "on_failure"])
    def test_user_code_that_raises_ends_its_task_alone(
        self, tmp_path: Path, folder: str, workers: int, where: str
    ) -> None:
        result = go([Odd(where), Total(folder, 2)], tmp_path, workers)
        assert result.exit_code in (ExitCode.FAILED, ExitCode.BROKEN)
        assert (tmp_path / "total-2").exists()
        assert len(result.endings) == 1

    def test_a_wrapper_of_what_makes_nothing(self, tmp_path: Path, workers: int) -> None:
        assert go(PlainWrapper(), tmp_path, workers)


def test_instances_have_priorities_and_resources_of_their_own(tmp_path: Path, folder: str) -> None:
    result = go([Own(folder, n) for n in (2, 9, 5)], tmp_path, resources={"licence": 4})
    assert ran(tmp_path) == ["own-5", "own-2"]
    assert result.exit_code == ExitCode.BROKEN


def test_a_dead_worker_is_noticed_whatever_its_task_left_behind(tmp_path: Path, folder: str) -> None:
    begun = time.monotonic()
    result = go(Trouble(folder, "daemon"), tmp_path, 2)
    assert "exit status 7" in result.endings[0].cause
    assert time.monotonic() - begun < 20  # what it left behind sleeps for 30


def test_a_full_state_stops_the_run(tmp_path: Path, folder: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("SKIPPED: mounting a small file system needs root")
    state = tmp_path / "state"
    state.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "none", state], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"SKIPPED: a small file system cannot be mounted here: {mounted.stderr.strip()}")
    try:
        result = go(Total(folder, 1000), tmp_path)
        assert result.exit_code == ExitCode.FAILED
        # tasks as short as these are recorded in groups, and as many were handed out before the first was known of:
        # 256 (`Driver.aheadHere`) each
        assert 1 <= result.count("failed") <= 2 * 256
        assert result.count("withheld") > 400
        assert "No space left on device" in result.endings[0].cause and "hint:" in result.endings[0].details
    finally:
        subprocess.run(["umount", state], check=True)
    again = go(Total(folder, 1000), tmp_path)
    assert again and (tmp_path / "total-1000").exists()


def test_fail_fast_starts_nothing_new(tmp_path: Path, folder: str) -> None:
    # what is named first is discovered first, and so runs first
    result = go([Trouble(folder, "fail"), Total(folder, 3)], tmp_path, fail_fast=True)
    assert result.exit_code == ExitCode.FAILED
    assert ran(tmp_path) == []
    assert sum(ending.state == "withheld" for ending in result.endings) == 4


class TestWorkers:
    """What a process of its own protects from."""

    def test_a_crash_is_that_tasks_failure_with_the_signal_named(self, tmp_path: Path, folder: str) -> None:
        result = go(Wrapper(folder, ["segfault", "vanish", "killed_half"], count=5), tmp_path, 2)
        assert [ending.state for ending in result.endings] == ["failed"] * 3 + ["blocked"], result.endings
        causes = {ending.title.split("kind=")[1].rstrip(")"): ending.cause for ending in result.endings[:3]}
        assert "SIGSEGV" in causes["segfault"]
        assert "exit status 7" in causes["vanish"]
        assert "SIGKILL" in causes["killed_half"]
        assert (tmp_path / "total-5").exists()
        assert not (tmp_path / "trouble-killed_half").exists()

    def test_what_a_task_printed_is_in_its_log(self, tmp_path: Path, folder: str) -> None:
        result = go(Trouble(folder, "segfault"), tmp_path, 2)
        assert "about to segfault" in Path(result.endings[0].log).read_text()
        name, offset, length = reports(tmp_path)[0]["log"]  # type: ignore[misc]
        assert (tmp_path / "state" / name).read_bytes()[offset : offset + length] == b"about to segfault\n"

    def test_no_process_is_left(self, tmp_path: Path, folder: str) -> None:
        go(Total(folder, 5), tmp_path, 3)
        with pytest.raises(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)


def test_a_state_that_cannot_be_written_is_said_before_anything_runs(tmp_path: Path, folder: str) -> None:
    (tmp_path / "state").write_text("a file, no directory")
    with pytest.raises(MartletError) as caught:
        go(Total(folder, 1), tmp_path)
    assert caught.value.diagnostic.code == Code.STATE_UNWRITABLE
    assert ran(tmp_path) == []


class TestPlan:
    def test_says_what_would_run_and_touches_nothing(self, tmp_path: Path, folder: str) -> None:
        go(Number(folder, 0), tmp_path)
        before = sorted(tmp_path.rglob("*"))
        planned = plan([Total(folder, 2), NeedsData(folder)], Options(), Silent())
        assert sorted(tmp_path.rglob("*")) == before
        states = {task.title.partition("(")[0]: (task.state, task.reason) for task in planned.tasks}
        assert states["Total"] == ("waiting", f"{folder}/total-2 is not there")
        assert states["Data"][0] == "missing"
        assert states["NeedsData"][0] == "blocked"
        assert [task.state for task in planned.tasks if task.family == "Number"] == ["present", "waiting"]

    def test_a_cycle_is_named_as_its_path(self, tmp_path: Path) -> None:
        assert plan([Circle()], Options(), Silent()).cycle == ["Circle(n=0)", "Circle(n=1)", "Circle(n=2)"]
        with pytest.raises(MartletError) as caught:
            go(Circle(), tmp_path)
        assert caught.value.diagnostic.code == Code.CYCLE
        assert "Circle(n=0) → Circle(n=1) → Circle(n=2) → Circle(n=0)" in str(caught.value)
        assert not (tmp_path / "state").exists()

    def test_what_is_no_task_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(MartletError) as caught:
            go(["Total"], tmp_path)  # type: ignore[list-item]
        assert caught.value.diagnostic.code == Code.NOT_A_TASK

    def test_an_unknown_family_of_until_is_refused(self, tmp_path: Path, folder: str) -> None:
        with pytest.raises(MartletError) as caught:
            go(Total(folder, 1), tmp_path, until=("Totall",))
        assert "Total" in str(caught.value)

    def test_unreachable_is_not_absent(self, tmp_path: Path, folder: str) -> None:
        name = "n" * 300  # longer than any file system takes
        planned = plan([Trouble(folder, name)], Options(), Silent())
        assert planned.tasks[0].state == "broken"
        assert "File name too long" in planned.tasks[0].reason


def test_runs_nest(tmp_path: Path, folder: str) -> None:
    """A task may build others; each run has an engine of its own."""

    class Outer(Task):
        def run(self) -> None:
            assert go(Total(folder, 2), tmp_path)

    assert go(Outer(), tmp_path)
    assert (tmp_path / "total-2").exists()


def test_a_disabled_task_is_not_run(tmp_path: Path, folder: str) -> None:
    class Disabled(Number):
        disabled = True

    result = go([Disabled(folder, 1), Total(folder, 1)], tmp_path)
    assert result.exit_code == ExitCode.BROKEN
    assert result.endings[0].cause == "the task is disabled"
    assert (tmp_path / "total-1").exists() and not (tmp_path / "number-1").exists()

"""What a display says of jobs: counts by queue, the pace, the end."""

from __future__ import annotations

import io

import pytest

from martlet.running.batch_view import WINDOW, BatchView, Pace, QueueCount, read
from martlet.running.reporter import Snapshot
from martlet.running.result import FamilyCount
from martlet.steering import job_table, terminal
from martlet.steering.plain import PlainReporter


def view(done: int = 0, running: int = 0, pending: int = 0, **more: int) -> BatchView:
    queue = QueueCount("short", done=done, running=running, pending=pending, **more)
    return BatchView("slurm", (queue,), running + pending)


def test_it_is_read_from_the_engines_numbers() -> None:
    assert read(None) is None
    state = {"system": "slurm", "jobs": 12, "adopted": 3, "done_before": 2, "waits_for": None}
    state["queues"] = [["", 1, 2, 3, 4, 5, 6, 7]]
    assert read(state) == BatchView("slurm", (QueueCount("", 1, 2, 3, 4, 5, 6, 7),), 12, 3, 2)
    seen = read({**state, "waits_for": ["ReqNodeNotAvail", 4]})
    assert seen is not None and (seen.waits_for, seen.waiting_jobs) == ("ReqNodeNotAvail", 4)


def test_why_jobs_wait_is_told_where_it_is_not_their_turn() -> None:
    seen = view(pending=4).replaced(waits_for="ReqNodeNotAvail", waiting_jobs=3)
    assert job_table.line(seen) == "slurm: 4 pending; 3 jobs wait: ReqNodeNotAvail"
    assert job_table.table(seen, 80)[-1] == "3 jobs wait: ReqNodeNotAvail"
    assert job_table.waits(view(pending=4)) == []


def test_nothing_is_said_before_a_task_is_done() -> None:
    pace = Pace()
    assert pace.see(view(pending=10), 10, 0.0).per_hour is None
    assert pace.see(view(running=10), 10, 500.0).per_hour is None


def test_the_pace_is_that_of_the_last_minutes_without_the_wait_before() -> None:
    pace = Pace()
    pace.see(view(pending=100), 100, 0.0)
    pace.see(view(running=100), 100, 3600.0)
    seen = pace.see(view(done=10, running=90), 90, 3660.0)
    assert (seen.per_hour, seen.left, seen.window) == (600.0, 540.0, 60.0)
    for minute in range(1, 40):
        seen = pace.see(view(done=10 + minute, running=1), 50, 3660.0 + 60 * minute)
    assert seen.per_hour == pytest.approx(60) and seen.window == pytest.approx(WINDOW, abs=60)


def test_what_was_done_before_the_run_began_is_no_part_of_its_pace() -> None:
    def adopted(done: int, running: int) -> BatchView:
        return view(done=done, running=running).replaced(done_before=min(done, 900))

    pace = Pace()
    pace.see(adopted(done=0, running=1000), 1000, 0.0)
    assert pace.see(adopted(done=900, running=100), 100, 10.0).left is None
    seen = pace.see(adopted(done=910, running=90), 90, 60.0)
    assert (seen.per_hour, seen.left) == (600.0, 540.0)


def test_while_more_is_planned_there_is_a_pace_and_no_end() -> None:
    pace = Pace()
    pace.see(view(running=2), None, 0.0)
    seen = pace.see(view(done=2), None, 60.0)
    assert seen.per_hour == 120 and seen.left is None


@pytest.mark.parametrize("columns", [24, 40, 80, 200])
def test_the_table_fits(columns: int) -> None:
    queues = [QueueCount(f"https://ce{n}.example.org/arex", n, 1, 2, 3, 40_000, 5, 6) for n in range(20)]
    shown = job_table.table(BatchView("arc", tuple(queues), 400, per_hour=812.0, left=90_000.0, window=600.0), columns)
    assert len(shown) == 1 + job_table.MOST_QUEUES + 1
    assert max(map(terminal.cell_width, shown)) <= columns
    assert "15 more" in shown[job_table.MOST_QUEUES]


def test_the_table_says_what_there_is() -> None:
    shown = job_table.table(view(done=120, running=12, pending=60, lost=1), 100)
    assert shown == ["slurm, 72 jobs  pending  running  done  lost", "  short              60       12   120     1"]


def test_a_line_for_logs_comes_when_something_has_changed() -> None:
    stream = io.StringIO()
    now = [0.0]
    reporter = PlainReporter(stream, clock=lambda: now[0])

    def at(seconds: float, seen: BatchView) -> str:
        now[0] = seconds
        begun = len(stream.getvalue())
        reporter.progress(Snapshot((FamilyCount("A"),), 100, 100, 0, (), seconds, 0.0, None, batch=seen))
        return stream.getvalue()[begun:]

    assert at(10, view(pending=3)) == "martlet: 0/100 tasks; slurm: 3 pending\n"
    assert at(100, view(pending=3)) == ""
    assert at(110, view(pending=2, running=1)) == "martlet: 0/100 tasks; slurm: 2 pending, 1 running\n"
    assert at(112, view(pending=1, running=2)) == ""  # too soon

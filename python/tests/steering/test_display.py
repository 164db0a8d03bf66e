"""Progress: lines and panel, at any width, without a thread and without touching what users print."""

from __future__ import annotations

import io
import threading

import pytest

from martlet import Parameter, ParameterVisibility, Task
from martlet.running.reporter import FailedTask, RunningTask, Snapshot
from martlet.running.result import ExitCode, FamilyCount, RunResult
from martlet.steering import terminal
from martlet.steering.display import MOST_RUNNING, RichDisplay, _running, panel
from martlet.steering.plain import PlainReporter

rich_console = pytest.importorskip("rich.console", reason="rich is not installed: the terminal display is untested")


class Titled(str):
    """Stands for a task: its repr() is its title."""

    __repr__ = str.__str__


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def snapshot(ended: int = 5, failed: int = 0, running: int = 2, log: str = "/state/logs/w{}.log") -> Snapshot:
    families = (
        FamilyCount("Selection", done=ended, failed=failed, pending=20 - ended - failed),
        FamilyCount("ヒストグラム_with_a_very_long_name", done=0, pending=40, blocked=2),
        FamilyCount("Events", present=9),
    )
    tasks = tuple(
        RunningTask(n, f"Selection(dataset=ttJets, file={n}, shift=jes_up_µ)", n, 61.0 + n, log.format(n))
        for n in range(running)
    )
    return Snapshot(families, 71, 60, ended + failed, tasks, 12.0, 2.5, 70.0)


def drawn(shown: Snapshot, columns: int) -> list[str]:
    stream = io.StringIO()
    console = rich_console.Console(file=stream, width=columns, force_terminal=False)
    console.print(panel(shown, columns))
    return stream.getvalue().splitlines()


@pytest.mark.parametrize("columns", [20, 30, 40, 60, 80, 200])
def test_the_panel_fits_its_width(columns: int) -> None:
    lines = drawn(snapshot(failed=3, running=20), columns)
    assert max(terminal.cell_width(line.rstrip()) for line in lines) <= columns
    # a line a family, what runs (and how many more), where logs are, the totals: wrapped lines would be more
    assert len(lines) == 3 + 8 + 1 + 1 + 1


def test_the_panel_says_what_there_is_to_know() -> None:
    lines = drawn(snapshot(failed=3), 100)
    text = "\n".join(lines)
    assert " 5/20 3 failed" in text
    assert "2 blocked" in text
    assert "1 min 01 s Selection(dataset=ttJets, file=0, shift=jes_up_µ)  w0.log" in text
    assert "logs in /state/logs" in text
    assert lines[-1].startswith("8/60 tasks, 2.5/s, about 1 min 10 s left, 3 failed")


def test_finished_families_make_room() -> None:
    assert drawn(snapshot(), 80)[2].startswith("Events")
    many = Snapshot(tuple(FamilyCount(f"F{n}", pending=1) for n in range(40)), 40, 40, 0, (), 0.0, 0.0, None)
    assert "… and 28 more families" in "\n".join(drawn(many, 80))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_display_starts_no_thread_and_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    shown = RichDisplay(stream)
    before = threading.active_count()
    shown.planned(snapshot().families, 60)
    shown.progress(snapshot())
    shown.progress(snapshot(6))
    assert threading.active_count() == before
    assert "Selection" in stream.getvalue()
    position = len(stream.getvalue())
    shown.note("told at once")
    told = stream.getvalue()[position:]
    # the panel is erased before the line is written
    assert told.index("\033[2K") < told.index("martlet: told at once")
    shown.finished(RunResult(ExitCode.OK))
    assert "\033[?25h" in stream.getvalue()


def test_no_panel_over_a_task_in_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    shown = RichDisplay(stream)
    shown.planned((), 2)
    shown.started_here(Titled("Reco()"))
    position = len(stream.getvalue())
    shown.progress(snapshot(log="", running=1))
    assert stream.getvalue()[position:] == ""
    assert "martlet: [1/2] Reco()" in stream.getvalue()


def test_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    assert terminal.ink("x", "red", stream) == "\033[31mx\033[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert terminal.ink("x", "red", stream) == "x"
    shown = RichDisplay(stream)
    shown.progress(snapshot(failed=2))
    shown.finished(RunResult(ExitCode.OK))
    assert "\033[31m" not in stream.getvalue()


def test_plain_lines_are_few() -> None:
    clock = Clock()
    stream = io.StringIO()
    lines = PlainReporter(stream, clock=clock)
    lines.planned(snapshot().families, 60)
    for step in range(1000):
        clock.now += 0.25
        lines.progress(snapshot(ended=step % 20))
    shown = stream.getvalue().splitlines()
    assert shown[0] == "martlet: 60 tasks to run, 71 known"
    assert 40 <= len(shown) <= 52
    assert "tasks, 2.5/s, about 1 min 10 s left; running Selection(" in shown[1]
    assert "log /state/logs/w0.log) and 1 more" in shown[1]


def failing(names: list[str], failed: int, now: float = 0.0) -> Snapshot:
    failures = tuple(FailedTask(name, "ValueError: no", "/logs/1.log" if name == "B()" else "") for name in names)
    return Snapshot((FamilyCount("A", failed=failed),), 4000, 4000, 0, (), now, 0.0, None, failures)


def test_plain_lines_tell_of_failures_at_once() -> None:
    stream = io.StringIO()
    lines = PlainReporter(stream, clock=Clock())
    lines.progress(failing(["A()"], 1))
    lines.progress(failing([], 1))
    lines.progress(failing(["B()"], 2))
    assert stream.getvalue().splitlines() == [
        "martlet: failed: A(): ValueError: no",
        "martlet: failed: B(): ValueError: no (log /logs/1.log)",
    ]


def test_a_flood_of_failures_is_told_of_now_and_then() -> None:
    clock = Clock()
    stream = io.StringIO()
    lines = PlainReporter(stream, clock=clock)
    for step in range(400):
        clock.now += 0.25
        lines.progress(failing([f"A({step})"] * 20, 20 * step, clock.now))
    shown = stream.getvalue().splitlines()
    assert len([line for line in shown if "failed: A(" in line]) == 10
    assert 15 <= len([line for line in shown if "failed so far" in line]) <= 30


def test_tasks_in_the_driver_have_a_line_unless_they_are_tiny() -> None:
    clock = Clock()
    stream = io.StringIO()
    lines = PlainReporter(stream, clock=clock)
    lines.planned((), 1000)
    for number in range(1000):
        lines.started_here(Titled(f"Tiny({number})"))
        clock.now += 0.001
    clock.now += 1
    lines.started_here(Titled("Slow()"))
    shown = stream.getvalue().splitlines()
    assert shown[1] == "martlet: [1/1000] Tiny(0)"
    # more have begun than were planned: what run() asks for
    assert shown[-1] == "martlet: Slow()"
    assert len(shown) == 4


@pytest.mark.parametrize("display", [PlainReporter, RichDisplay])
def test_a_task_in_the_driver_keeps_its_secrets(display: type[PlainReporter] | type[RichDisplay]) -> None:
    class Upload(Task):
        site = Parameter()
        token = Parameter(visibility=ParameterVisibility.PRIVATE)

    class Ill(Task):
        def __repr__(self) -> str:
            raise ValueError("the user's")

    stream = Terminal()
    shown = display(stream)
    shown.planned((), 1)
    shown.started_here(Upload(site="DESY", token="hunter2"))
    assert "Upload(site=DESY)" in stream.getvalue() and "hunter2" not in stream.getvalue()
    assert "hunter2" not in shown.status(Upload(site="DESY", token="hunter2"))
    assert display(Terminal()).status(Ill()) == "" or "Ill(repr() raised" in shown.status(Ill())
    display(Terminal()).started_here(Ill())


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("日本語", 5, "日本…"),
        ("日本語", 6, "日本語"),
        ("a\nb\x1b[2J", 9, "a?b?[2J"),
    ],
)
def test_shortened(text: str, most: int, expected: str) -> None:
    assert terminal.shortened(text, most) == expected


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (59.97, "1 min 00 s"), (185, "3 min 05 s"), (7620, "2 h 07 min")]
)
def test_duration(seconds: float, text: str) -> None:
    assert terminal.duration(seconds) == text


def test_jobs_beyond_those_that_are_told_of_are_counted() -> None:
    tasks = tuple(RunningTask(n, f"A(n={n})", 1, 1.0, "") for n in range(30))
    families = (FamilyCount("A", running=10_000),)
    snapshot = Snapshot(families, 10_000, 10_000, 0, tasks, 1.0, 0.0, None, running_untold=9970)
    shown = "\n".join(str(row) for row in _running(snapshot, 80))
    assert f"… and {10_000 - MOST_RUNNING} more" in shown

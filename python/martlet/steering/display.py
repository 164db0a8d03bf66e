"""Progress on a terminal: a panel drawn from the run loop, without a thread of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ..running.reporter import Snapshot
from ..running.result import FamilyCount, RunResult
from ..running.title import title
from . import job_table, terminal
from .plain import PlainReporter, position

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.table import Table
    from rich.text import Text

MOST_RUNNING = 8
MOST_FAMILIES = 12


class RichDisplay:
    """Draws when the loop calls `progress`, and takes the panel away before anything else writes.

    A task in the driver prints to the terminal, and its user may debug it there: no panel then, one line as it starts,
    and one that moves when it takes long (`Relay`). rich is imported with the first panel, since that costs 60 ms. What
    cannot be written, since the terminal was closed, is left out: the run has its jobs to see to.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines = PlainReporter(stream, interval=1.0)
        self._console: Console | None = None
        self._live: Live | None = None
        self._in_driver = False
        self._began = False
        self._question = ""
        """What the user is asked; nothing is drawn over it."""

    def planning(self, seen: int) -> None:
        if self._began:
            return  # the totals say that they grow
        self._write(f"\r\033[Kmartlet: planning, {seen} tasks seen")

    def planned(self, families: Sequence[FamilyCount], to_run: int) -> None:
        self._begin()
        self._hide()
        self._lines.planned(families, to_run)

    def _begin(self) -> None:
        """Takes the line about planning away."""
        if not self._began:
            self._write("\r\033[K")
            self._began = True

    def progress(self, snapshot: Snapshot) -> None:
        self._begin()
        if snapshot.failures:
            with self._apart():
                self._lines.failures(snapshot)
        if self._question:
            return
        if (self._in_driver or snapshot.running) and not any(task.log for task in snapshot.running):
            return
        self._in_driver = False
        with suppress(OSError):
            if self._live is None:
                self._live = self._start()
            self._live.update(panel(snapshot, terminal.columns(self._stream)), refresh=True)

    def note(self, text: str) -> None:
        self._begin()
        with self._apart():
            self._lines.note(text)

    def asks(self, question: str) -> bool:
        self._begin()
        self._hide()
        self._question = question
        self._put()
        return True

    def answered(self, *, withdrawn: bool = False) -> None:
        self._question = ""
        if withdrawn:
            self._write("\n")

    def _put(self) -> None:
        self._write(f"martlet: {self._question}")

    def _write(self, text: str) -> None:
        with suppress(OSError):
            self._stream.write(text)
            self._stream.flush()

    @contextmanager
    def _apart(self) -> Iterator[None]:
        """Lines that are written within it stand above the panel, or above the question, which is put anew."""
        self._hide()
        if self._question:
            self._write("\n")
        yield
        if self._question:
            self._put()

    def started_here(self, task: object) -> bool:
        began, live = self._began, self._live
        self._begin()
        self._hide()
        self._in_driver = True
        return self._lines.started_here(task) or not began or live is not None

    def status(self, task: object) -> str:
        # the time in front of it, and the last column, which some terminals wrap after
        return terminal.shortened(title(task), terminal.columns(self._stream) - len("martlet: 59 min 59 s ") - 1)

    def printed(self, title: str, line: str) -> None:
        with self._apart():
            self._lines.printed(title, line)

    def finished(self, result: RunResult) -> None:
        self._hide()
        with suppress(OSError):
            self._stream.flush()

    def _start(self) -> Live:
        from rich.console import Console
        from rich.live import Live

        if self._console is None:
            self._console = Console(file=self._stream, highlight=False)
        live = Live(
            console=self._console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
        )
        live.start()
        return live

    def _hide(self) -> None:
        if self._live is not None:
            live, self._live = self._live, None
            with suppress(OSError):
                live.stop()


def panel(snapshot: Snapshot, columns: int) -> Table:
    """The picture of one moment: a bar a family, what runs, the totals."""
    from rich.table import Table

    grid = Table.grid(expand=False)
    grid.add_column(no_wrap=True, overflow="crop")
    for row in _families(snapshot, columns):
        grid.add_row(row)
    for row in _running(snapshot, columns):
        grid.add_row(row)
    if snapshot.batch is not None:
        from rich.text import Text

        for line in job_table.table(snapshot.batch, columns):
            grid.add_row(Text(line))
    grid.add_row(_totals(snapshot, columns))
    return grid


def _families(snapshot: Snapshot, columns: int) -> list[Text]:
    from rich.text import Text

    # those that still have something to do come first, the finished ones make room
    families = sorted(snapshot.families, key=lambda family: family.pending + family.running == 0)
    shown = families[:MOST_FAMILIES]
    names = min(24, columns // 3, max((terminal.cell_width(family.family) for family in shown), default=0))
    numbers = max((len(f"{family.total}") for family in shown), default=1)
    troubles = [_trouble(family) for family in shown]
    bar = min(30, columns - names - 2 * numbers - 4 - max((len(trouble) for trouble in troubles), default=0))
    rows = []
    for family, trouble in zip(shown, troubles, strict=True):
        done = family.done + family.present
        bad = family.failed + family.broken + family.missing + family.blocked
        name = terminal.shortened(family.family, names)
        row = Text(name + " " * (names - terminal.cell_width(name) + 1))
        if bar >= 6:
            row.append_text(_bar(bar, done, bad, max(1, family.total)))
            row.append(" ")
        row.append(f"{done:>{numbers}}/{family.total}")
        row.append(trouble, style="red" if family.failed + family.broken else "yellow")
        row.truncate(columns, overflow="ellipsis")
        rows.append(row)
    if len(families) > len(shown):
        rows.append(Text(f"… and {len(families) - len(shown)} more families", style="dim"))
    return rows


def _trouble(family: FamilyCount) -> str:
    counts = (("failed", family.failed + family.broken), ("missing", family.missing), ("blocked", family.blocked))
    return "".join(f" {count} {name}" for name, count in counts if count)


def _bar(width: int, done: int, bad: int, total: int) -> Text:
    from rich.text import Text

    good_cells = done * width // total
    bad_cells = min(width - good_cells, -(-bad * width // total))
    text = Text("━" * good_cells, style="green")
    text.append("━" * bad_cells, style="red")
    text.append("─" * (width - good_cells - bad_cells), style="dim")
    return text


def _running(snapshot: Snapshot, columns: int) -> list[Text]:
    from rich.text import Text

    rows = []
    shown = snapshot.running[:MOST_RUNNING]
    # the names of logs are short and their folder is one for all: it has a line of its own
    logs = max((terminal.cell_width(Path(task.log).name) for task in shown), default=0)
    logs = logs if logs <= columns // 3 else 0
    for task in shown:
        seconds = f"{terminal.duration(task.seconds):>12} "
        title = terminal.shortened(task.title, columns - len(seconds) - (logs + 2 if logs else 0))
        row = Text(seconds, style="dim")
        row.append(title, style="not dim")
        if logs and task.log:
            row.append("  " + Path(task.log).name)
        rows.append(row)
    more = len(snapshot.running) + snapshot.running_untold - len(shown)
    if more:
        rows.append(Text(f"{'':>13}… and {more} more", style="dim"))
    folder = next((str(Path(task.log).parent) for task in shown if task.log), "")
    if folder:
        rows.append(Text(f"{'logs in':>12} {_tail(folder, columns - 13)}", style="dim"))
    return rows


def _tail(path: str, most: int) -> str:
    """The end of a path says more than its beginning."""
    if terminal.cell_width(path) <= most:
        return path
    return "…" + path[-(most - 1) :]


def _totals(snapshot: Snapshot, columns: int) -> Text:
    from rich.text import Text

    failed = sum(family.failed + family.broken for family in snapshot.families)
    row = Text(position(snapshot), style="bold")
    if failed:
        row.append(f", {failed} failed", style="red")
    row.truncate(columns, overflow="ellipsis")
    return row

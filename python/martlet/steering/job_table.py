"""The jobs of a run in words: a table of few lines for a terminal, one line for a log."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ..running.batch_view import STATES, BatchView, QueueCount, total
from . import terminal

MOST_QUEUES = 6
_ALWAYS = ("pending", "running", "done")
"""States that have a column though nothing is in them: columns that come and go are hard to read."""


def table(view: BatchView, columns: int) -> list[str]:
    """A head, a line a queue, why jobs wait, and what can be said of the pace; none is longer than `columns`."""
    states = [state for state in STATES if state in _ALWAYS or view.count(state)]
    rows = _rows(view, states)
    while True:
        widths = [max(len(state), *(len(row[1][state]) for row in rows)) for state in states]
        names = max(terminal.cell_width(row[0]) for row in rows)
        names = min(names, max(8, columns - sum(widths) - 2 * len(widths)))
        if names + sum(widths) + 2 * len(widths) <= columns or not states:
            break
        states.pop(0)  # what is furthest from its end is missed least
    lines = []
    for name, cells in rows:
        name = terminal.shortened(name, names)
        line = name + " " * (names - terminal.cell_width(name))
        line += "".join(f"  {cells[state]:>{width}}" for state, width in zip(states, widths, strict=True))
        lines.append(line)
    return [terminal.shortened(line.rstrip(), columns) for line in [*lines, *waits(view), *pace(view)]]


def _rows(view: BatchView, states: Sequence[str]) -> list[tuple[str, dict[str, str]]]:
    """Names and cells: the head, queues with the most to do first, the rest as one."""
    jobs = "1 job" if view.jobs == 1 else f"{view.jobs} jobs"
    rows = [(f"{view.system}, {jobs}", {state: state for state in states})]
    queues = sorted(view.queues, key=lambda queue: (-_open(queue), queue.queue))
    shown = queues if len(queues) <= MOST_QUEUES else queues[: MOST_QUEUES - 1]
    named = [(f"  {name(queue)}", total([queue])) for queue in shown]
    if len(shown) < len(queues):
        named.append((f"  {len(queues) - len(shown)} more", total(queues[len(shown) :])))
    rows += [(label, {state: str(counts.get(state, 0)) for state in states}) for label, counts in named]
    return rows


def _open(queue: QueueCount) -> int:
    return queue.waiting + queue.submitting + queue.pending + queue.running


def name(queue: QueueCount) -> str:
    return queue.queue or "usual queue"


def line(view: BatchView) -> str:
    """`slurm: 60 pending, 12 running, 120 done (short: 60 pending; long: 12 running, 120 done)`, and the pace."""
    text = f"{view.system}: {_words([*view.queues])}"
    if len(view.queues) > 1:
        shown = sorted(view.queues, key=lambda queue: (-_open(queue), queue.queue))[:MOST_QUEUES]
        parts = [f"{name(queue)}: {_words([queue])}" for queue in shown]
        more = len(view.queues) - len(shown)
        text += f" ({'; '.join(parts)}{f'; {more} more queues' if more else ''})"
    return "; ".join([text, *waits(view), *pace(view)])


def waits(view: BatchView) -> list[str]:
    """`3 jobs wait: ReqNodeNotAvail`; empty where all wait for their turn."""
    if not view.waits_for:
        return []
    jobs = "1 job waits" if view.waiting_jobs == 1 else f"{view.waiting_jobs} jobs wait"
    return [f"{jobs}: {view.waits_for}"]


def _words(queues: Sequence[QueueCount]) -> str:
    return ", ".join(f"{count} {state}" for state, count in total(queues).items()) or "nothing"


def pace(view: BatchView, now: float | None = None) -> list[str]:
    """`180 done/h over the last 10 min; at that pace about 2 h 05 min left, until 17:40`; empty while none is done."""
    if view.per_hour is None:
        return []
    text = f"{_rate(view.per_hour)} done/h over the last {terminal.duration(view.window)}"
    if view.left:
        end = time.localtime((time.time() if now is None else now) + view.left)
        far = view.left > 20 * 3600
        text += f"; at that pace about {terminal.duration(view.left)} left, until "
        text += time.strftime("%a %H:%M" if far else "%H:%M", end)
    return [text]


def _rate(per_hour: float) -> str:
    return f"{per_hour:.0f}" if per_hour >= 9.95 else f"{per_hour:.1f}"

"""Results as tables: on the terminal, or in docs/performance.md.

`python -m benchmarks.table RESULTS.json` prints them, with `--write` it renews those of the page.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from math import log

from .page import Block
from .peers import PEERS
from .programme import BENCHMARKS
from .results import Results, Series
from .targets import TARGETS

Row = list[str]
_MEMORY = "Bytes of memory a task, from the smallest to the largest size"


def significant(value: float, digits: int = 3) -> str:
    """A number with so many significant digits and no exponent."""
    rounded = float(f"{value:.{digits}g}")
    if abs(rounded) >= 10 ** (digits - 1):
        return f"{rounded:,.0f}"
    return f"{rounded:.{max(0, digits - 1 - (int(f'{rounded:e}'.partition('e')[2]) if rounded else 0))}f}"


def rows(results: Results, name: str) -> list[Row]:
    """The table of one benchmark, its head first."""
    work = BENCHMARKS[name].work
    every = _all(results, name)
    if work == "objects":
        head = ["", "objects", "new, µs", "known, µs"]
        return [head, *([_title(one), f"{one.size:,}", *_microseconds(one, "new", "hit")] for one in every)]
    if work == "start":
        return [["", "CPU, ms", "wall, ms"], *([_title(one), *_milliseconds(one)] for one in every)]
    head = ["", "tasks", "CPU a task, µs", "wall a task, µs", "CPU, s", "peak, MB", "× bare loop", "CPU ~ Nˣ"]
    if work == "nothing":
        head.append("apart, µs")
    return [head, *(_row(results, name, one) for one in every)]


def _all(results: Results, name: str) -> list[Series]:
    order = list(BENCHMARKS[name].sizes)
    return sorted(results.benchmarks[name], key=lambda one: (order.index(one.peer), one.size))


def _title(one: Series) -> str:
    return PEERS[one.peer].title


def _microseconds(one: Series, *names: str) -> Row:
    if not one.samples:
        return ["failed", ""]
    return [significant((one.extra(name) or 0) * 1e6) for name in names]


def _milliseconds(one: Series) -> Row:
    return [significant(seconds * 1e3) for seconds in (one.cpu, one.wall)] if one.samples else ["failed", ""]


def _row(results: Results, name: str, one: Series) -> Row:
    if not one.samples:
        return [_title(one), f"{one.tasks:,}", "failed", *[""] * 5]
    largest = results.series(name, one.peer)[-1].size == one.size
    growth = results.growth(name, one.peer) if largest else None
    row = [
        _title(one),
        f"{one.tasks:,}",
        significant(one.cpu / one.tasks * 1e6),
        significant(one.wall / one.tasks * 1e6),
        significant(one.cpu),
        significant(one.peak / 1e6),
        _ratio(results, name, one),
        "" if growth is None else f"{growth:.2f}",
    ]
    window = one.extra("window")
    return row if window is None else [*row, significant(window / max(one.size - 1, 1) * 1e6)]


def _ratio(results: Results, name: str, one: Series) -> str:
    """CPU a task over that of the bare loop at the nearest size."""
    floors = results.series(name, "bare")
    if not floors:
        return ""
    floor = min(floors, key=lambda other: abs(log(other.tasks / one.tasks)))
    return significant((one.cpu / one.tasks) / (floor.cpu / floor.tasks), 2)


def failures(results: Results, name: str) -> str:
    """Why there is a measurement less, a line each."""
    failed = [one for one in _all(results, name) if one.failed]
    return "\n".join(f"{_title(one)}, {one.tasks:,} tasks: {one.failed}" for one in failed)


def target_rows(results: Results) -> list[Row]:
    """Each target with what was measured."""
    found: list[Row] = [["", "target", "measured", ""]]
    for target in TARGETS:
        value = target.value(results)
        measured = "not measured" if value is None else f"{significant(value)} {target.unit}".rstrip()
        verdict = "" if value is None else "met" if value <= target.limit else "not met"
        found.append([target.title, f"≤ {significant(target.limit, 2)} {target.unit}".rstrip(), measured, verdict])
    return found


def memory_rows(results: Results) -> list[Row]:
    """How much memory grows with a task."""
    found: list[Row] = [["", "fan, made", "fan, nothing to do"]]
    for peer, known in PEERS.items():
        slopes = [results.memory(name, peer) for name in ("fan", "complete")]
        if any(slope is not None for slope in slopes):
            found.append([known.title, *("" if slope is None else significant(slope) for slope in slopes)])
    return found


def plain(table: list[Row]) -> str:
    """Columns of a terminal."""
    widths = [max(len(row[i]) for row in table if i < len(row)) for i in range(len(table[0]))]
    lines = []
    for row in table:
        cells = [cell.ljust(widths[0]) if i == 0 else cell.rjust(widths[i]) for i, cell in enumerate(row)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def markdown(table: list[Row]) -> str:
    """A table of a page."""
    head, *body = table
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine_lines(results: Results) -> Iterator[str]:
    """Where it was measured."""
    machine = results.machine
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    yield f"{machine['date']}, {machine['cores']} cores of {machine['processor']}, {machine['memory'] / 1e9:.0f} GB, "
    yield f"{machine['system']}, Linux {machine['kernel']}, Martlet at {machine['commit'] or 'no commit'}; {versions}. "
    yield f"Load when it began, and before each benchmark: {', '.join(map(str, machine['load']))}."


def on_terminal(results: Results) -> str:
    """Everything, for a terminal."""
    parts = ["".join(machine_lines(results))]
    for name in _measured(results):
        benchmark = BENCHMARKS[name]
        head = "\n".join(filter(None, [f"{name}. {benchmark.title}", benchmark.about]))
        parts += filter(None, [head, plain(rows(results, name)), failures(results, name)])
    parts += [f"{_MEMORY}\n\n{plain(memory_rows(results))}", f"Targets\n\n{plain(target_rows(results))}"]
    return "\n\n".join(parts) + "\n"


def on_page(results: Results) -> str:
    """Everything, for docs/performance.md."""
    parts = ["".join(machine_lines(results)), "### Targets", markdown(target_rows(results))]
    for name in _measured(results):
        benchmark = BENCHMARKS[name]
        table = markdown(rows(results, name))
        parts += filter(None, [f"### {benchmark.title}", benchmark.about, table, failures(results, name)])
    parts += [f"### {_MEMORY}", markdown(memory_rows(results))]
    return "\n\n".join(parts) + "\n"


def _measured(results: Results) -> list[str]:
    return [name for name in BENCHMARKS if results.benchmarks.get(name)]


BLOCK = Block("results", on_page, on_terminal)


if __name__ == "__main__":
    sys.exit(BLOCK.main("benchmarks.table", sys.argv[1:]))

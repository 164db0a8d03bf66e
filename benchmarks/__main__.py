"""Runs the benchmarks: `make bench`, or `python -m benchmarks [--bench fan grid] [--peers …] [--n …]`."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from . import machine, room
from .job import SHAPES, Job
from .measure import MeasurementError, measure
from .peers import PEERS
from .programme import BENCHMARKS, restricted
from .results import Results, Series
from .table import on_terminal

_FOLDER = "/dev/shm"
_ENOUGH = 15.0
"""Seconds after which a peer at one size is not measured once more."""


def main(arguments: Sequence[str]) -> int:
    given = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # clears up, as Ctrl-C does
    lacking = [peer for peer in PEERS if not machine.reachable(peer)]
    for peer in lacking:
        print(f"benchmark: {PEERS[peer].title} is not installed and is left out", file=sys.stderr)
    partial = bool(given.bench or given.peers or given.n or given.rounds or lacking)
    path = given.out or Path(__file__).parent / "results" / f"{'partial' if partial else machine.name()}.json"
    results = Results(machine.describe(), {})
    base = tempfile.mkdtemp(dir=_FOLDER, prefix="martlet-benchmarks-")
    try:
        for name in given.bench or BENCHMARKS:
            sizes = restricted(BENCHMARKS[name].sizes, tuple(given.peers), tuple(given.n))
            wanted = [(peer, n) for peer, own in sizes.items() if peer not in lacking for n in own]
            results.machine["load"].append(machine.load())
            rounds = given.rounds or BENCHMARKS[name].rounds
            results.benchmarks[name] = _series(name, wanted, rounds, given.limit, base)
            results.write(path)
    finally:
        shutil.rmtree(base, ignore_errors=True)
    print(on_terminal(results))
    print(f"Results: {path}")
    return 1 if any(one.failed for series in results.benchmarks.values() for one in series) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks", description="What Martlet costs beside others")
    add = parser.add_argument
    add("--bench", nargs="*", default=[], choices=list(BENCHMARKS), metavar="NAME",
        help=f"only these of {', '.join(BENCHMARKS)}")  # fmt: skip
    add("--peers", nargs="*", default=[], choices=list(PEERS), metavar="NAME", help=f"only these of {', '.join(PEERS)}")
    add("--n", nargs="*", default=[], type=int, metavar="SIZE",
        help="these sizes (of the grid: variations) as far as a peer reaches them")  # fmt: skip
    add("--rounds", type=int, help="how often each is measured at most")
    add("--limit", type=float, default=600.0, help="seconds a measurement may take")
    add("--out", type=Path, help="the file of the results")
    return parser


def _series(name: str, wanted: list[tuple[str, int]], rounds: int, limit: float, base: str) -> list[Series]:
    """Measures peers and sizes in turn, forth and back, so that no one always follows the same other."""
    benchmark = BENCHMARKS[name]
    series = [Series(peer, n, SHAPES[benchmark.graph](n).count) for peer, n in wanted]
    if benchmark.work == "file":
        for one in series:
            one.failed = room.lacking(_FOLDER, one.tasks)
    for turn in range(rounds):
        for one in series if turn % 2 == 0 else reversed(series):
            if not one.failed and sum(sample.wall for sample in one.samples) < _ENOUGH:
                _measure(name, one, limit, f"{base}/{name}")
    for one in series:
        if one.failed:
            print(f"benchmark: {name}, {PEERS[one.peer].title}, {one.tasks:,} tasks: {one.failed}", file=sys.stderr)
    return series


def _measure(name: str, one: Series, limit: float, folder: str) -> None:
    started = time.monotonic()
    benchmark = BENCHMARKS[name]
    job = Job(one.peer, benchmark.graph, one.size, benchmark.state, benchmark.work, folder)
    try:
        sample = measure(job, limit)
    except MeasurementError as error:
        one.failed = str(error).strip().splitlines()[-1]
        print(error, file=sys.stderr)
        return
    one.samples.append(sample)
    a_task, took = sample.cpu / one.tasks * 1e6, time.monotonic() - started
    line = f"{name:14} {PEERS[one.peer].title:32} {one.tasks:>9,} {a_task:12,.1f} µs {took:8.1f} s"
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Runs them: `make bench-stores`, or `python -m benchmarks.stores [--protocols webdav] [--peers martlet gfal2]`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .. import machine
from ..measure import MeasurementError, Sample, run
from ..results import Results, Series
from . import files, installed
from .peers import PEERS
from .served import PROTOCOLS, Served, served
from .table import on_terminal

_FILES = 50_000
_ROUND_TRIP = 0.020
_LIMIT = 900.0
"""Seconds a measurement may take."""


def main(arguments: Sequence[str]) -> int:
    given = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # ends the servers, as Ctrl-C does
    chosen = given.peers or list(PEERS)
    lacking = [name for name in chosen if not installed.reachable(PEERS[name])]
    for name in lacking:
        print(f"benchmark: {PEERS[name].title} is not installed and is left out", file=sys.stderr)
    results = Results({**machine.describe(), "versions": installed.versions(), "round_trip": given.round_trip}, {})
    path = given.out or Path(__file__).parent / "results" / f"{machine.name()}.json"
    for protocol in given.protocols or PROTOCOLS:
        peers = [name for name in chosen if name not in lacking and protocol in PEERS[name].protocols]
        results.benchmarks[protocol] = _measured(protocol, peers, given)
        results.write(path)
    print(on_terminal(results))
    print(f"Results: {path}")
    return 1 if any(one.failed for series in results.benchmarks.values() for one in series) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.stores", description="Which of many remote files are there?")
    add = parser.add_argument
    add("--protocols", nargs="*", default=[], choices=list(PROTOCOLS), metavar="NAME")
    add("--peers", nargs="*", default=[], choices=list(PEERS), metavar="NAME", help=f"only these of {', '.join(PEERS)}")
    add("--files", type=int, default=_FILES, help="in a hundred directories")
    add("--round-trip", type=float, default=_ROUND_TRIP, help="seconds that the proxy adds to a round trip")
    add("--rounds", type=int, default=3, help="how often each is measured")
    add("--out", type=Path, help="the file of the results")
    return parser


def _measured(protocol: str, peers: Sequence[str], given: argparse.Namespace) -> list[Series]:
    """Measures peers in turn, forth and back, so that no one always follows the same other."""
    with tempfile.TemporaryDirectory(prefix="martlet-benchmarks-", dir="/dev/shm") as base:
        folder = Path(base, protocol)
        folder.mkdir(mode=0o755)
        os.chmod(base, 0o755)  # servers take other rights than root's
        with served(protocol, folder, given.files, given.round_trip / 2) as server:
            series = [Series(name, size := min(given.files, PEERS[name].most or given.files), size) for name in peers]
            for turn in range(given.rounds):
                for one in series if turn % 2 == 0 else reversed(series):
                    if not one.failed:
                        _measure(server, one, base)
    return series


def _measure(server: Served, one: Series, base: str) -> None:
    peer = PEERS[one.peer]
    command = [installed.interpreter(peer), "-m", "benchmarks.stores.ask", peer.module, server.url, str(one.size)]
    begun = server.requests()
    asking = server.requests() - begun
    try:
        with tempfile.TemporaryDirectory(dir=base) as folder:
            sample = run(command, folder, _LIMIT)
    except MeasurementError as error:
        one.failed = str(error).strip().splitlines()[-1]
        print(error, file=sys.stderr)
        return
    sample.extra["requests"] = server.requests() - begun - 2 * asking
    one.samples.append(sample)
    if sample.extra["present"] != files.present(one.size):
        one.failed = f"says that {sample.extra['present']:,.0f} files are there, of {files.present(one.size):,}"
    print(_line(one, sample), file=sys.stderr, flush=True)


def _line(one: Series, sample: Sample) -> str:
    requests = sample.extra["requests"]
    return f"{PEERS[one.peer].title:42} {one.size:>7,} {requests:>9,.0f} {sample.wall:9.3f} s {sample.cpu:8.3f} s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

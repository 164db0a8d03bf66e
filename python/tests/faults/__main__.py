"""`python -m faults`: repeats faults from seeds; `make faults` calls it."""

from __future__ import annotations

import argparse
import itertools
import signal
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from . import mounts
from .iteration import Verdict, play
from .scenario import MUTANTS, choose


def main() -> int:
    parser = argparse.ArgumentParser(prog="faults")
    parser.add_argument("--count", type=int, default=100, help="how many seeds (make faults N=…)")
    parser.add_argument("--first", type=int, default=1, help="the first seed (make faults FIRST=…)")
    parser.add_argument("--seed", type=int, help="this seed alone (make faults SEED=…)")
    parser.add_argument("--mutant", choices=sorted(MUTANTS), help="without this safeguard (make faults MUTANT=…)")
    kinds = ("point", "kill", "signal", "full", "read-only", "two")
    parser.add_argument("--kind", choices=kinds, help="only seeds with such a fault (make faults KIND=…)")
    options = parser.parse_args()
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # a shell started this in its background
        signal.signal(signal.SIGINT, signal.default_int_handler)
    mounts.enter_namespace(["-m", "faults", *sys.argv[1:]])
    if not mounts.possible():
        print("FULL AND READ-ONLY FILE SYSTEMS ARE LEFT OUT: neither root nor `unshare -rm` is to be had", flush=True)
    seeds = [options.seed] if options.seed is not None else _seeds(options.first, options.count, options.kind)
    begun = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        verdicts = list(pool.map(lambda seed: _one(seed, options.mutant or ""), seeds))
    return _tell(verdicts, time.monotonic() - begun, options.mutant or "")


def _seeds(first: int, count: int, kind: str | None) -> list[int]:
    wanted = (seed for seed in itertools.count(first) if kind in (None, *(fault.kind for fault in choose(seed).faults)))
    return list(itertools.islice(wanted, count))


def _one(seed: int, mutant: str) -> Verdict:
    verdict = play(replace(choose(seed), mutant=mutant), keep=True)
    told = "skipped: " + verdict.skipped if verdict.skipped else "FAILED" if verdict.wrong else "ok"
    if not verdict.hit and told == "ok":
        told = "ok (the fault did not come about)"
    print(f"seed {seed}: {verdict.scenario}: {told}", flush=True)
    for line in verdict.wrong:
        print(f"    {line}", flush=True)
    if verdict.wrong:
        print(f"    replay: make faults SEED={seed}{f' MUTANT={mutant}' if mutant else ''}", flush=True)
    return verdict


def _tell(verdicts: list[Verdict], seconds: float, mutant: str) -> int:
    counts = Counter(
        "skipped" if v.skipped else "failed" if v.wrong else "held" if v.hit else "untouched" for v in verdicts
    )
    print(f"{len(verdicts)} iterations in {seconds:.0f} s: {dict(counts)}")
    failed = [str(verdict.scenario.seed) for verdict in verdicts if verdict.wrong]
    if failed:
        print(f"failed seeds: {' '.join(failed)}" + (f" (with {mutant})" if mutant else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

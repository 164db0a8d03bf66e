"""What is measured, for whom, and how large."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .job import State, Work

Sizes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Benchmark:
    """One graph in one state with one kind of work."""

    title: str
    graph: str
    sizes: Sizes
    """Sizes of the graph by peer. A peer that gets slower with the size ends earlier; only some reach 1e6."""
    about: str = ""
    state: State = "fresh"
    work: Work = "file"
    rounds: int = 3


_POWERS = (1_000, 10_000, 100_000)

BENCHMARKS: dict[str, Benchmark] = {
    "fan": Benchmark(
        "Fan: N files and one task that needs them all",
        "fan",
        {
            "bare": _POWERS,
            "bare-os": _POWERS,
            "martlet": _POWERS,
            "martlet-2": _POWERS,
            "luigi-face": (1_000, 10_000),
            "pool": _POWERS,
            "futures": _POWERS,
            "doit": (1_000, 10_000),
            "dask": (1_000, 4_000),
            "luigi": (500, 1_000, 2_000),
            "make": (1_000, 4_000),
            "ninja": (1_000, 4_000),
        },
        "make and ninja start a process for each file. luigi is quadratic and ends at 2,000.",
    ),
    "million": Benchmark(
        "A million tasks, planned, run and recorded",
        "fan",
        {"bare": (1_000_000,), "martlet": (1_000_000,)},
        rounds=1,
    ),
    "grid": Benchmark(
        "Grid: systematic variations of 1,250 files in four layers with merges, and a fit",
        "grid",
        {
            "bare": (4, 40),
            "martlet": (4, 40),
            "martlet-2": (4, 40),
            "pool": (4, 40),
            "futures": (4, 40),
            "doit": (4,),
            "dask": (1,),
            "luigi": (1,),
            "make": (1, 4),
            "ninja": (1, 4),
        },
        "Forty variations are 50,000 files.",
    ),
    "chain": Benchmark(
        "Chain: each file is made from the one before",
        "chain",
        {
            "bare": _POWERS,
            "martlet": _POWERS,
            "pool": (1_000,),
            "futures": (1_000,),
            "doit": (500, 1_000),
            "dask": (1_000,),
            "luigi": (500, 1_000),
            "make": (1_000,),
            "ninja": (1_000,),
        },
    ),
    "complete": Benchmark(
        "Nothing to do, fan: every file is looked at",
        "fan",
        {
            "bare": (10_000, 100_000),
            "martlet": (10_000, 100_000),
            "doit": (1_000, 10_000),
            "luigi": (500, 2_000),
            "make": (10_000, 100_000),
            "ninja": (10_000, 100_000),
        },
        "All tasks are asked for by one that only gathers them. Pools and dask do not know what is there.",
        state="complete",
    ),
    "grid-complete": Benchmark(
        "Nothing to do, grid: every file is looked at",
        "grid",
        {
            "bare": (4, 40),
            "martlet": (4, 40),
            "doit": (4,),
            "luigi": (1,),
            "make": (4, 40),
            "ninja": (4, 40),
        },
        state="complete",
    ),
    "half": Benchmark(
        "Half there, fan: every second file is made",
        "fan",
        {
            "bare": (10_000, 100_000),
            "martlet": (10_000, 100_000),
            "luigi": (500, 1_000),
            "make": (1_000, 4_000),
            "ninja": (1_000, 4_000),
        },
        state="half",
    ),
    "grid-half": Benchmark(
        "Half there, grid: every second selection and all that follows is made",
        "grid",
        {"bare": (4, 40), "martlet": (4, 40), "luigi": (1,), "make": (1, 4), "ninja": (1, 4)},
        state="half",
    ),
    "commands": Benchmark(
        "Commands: `touch` makes each file of a fan",
        "fan",
        {"bare": (2_000,), "martlet": (2_000,), "luigi": (1_000,), "make": (2_000,), "ninja": (2_000,)},
        "The bare loop is posix_spawn and wait, one after another.",
        work="touch",
    ),
    "dispatch": Benchmark(
        "Dispatch: tasks that do nothing, without outputs, to two processes that stay",
        "fan",
        {"martlet-2": (20_000,), "pool": (20_000,), "futures": (20_000,), "dask": (2_000,)},
        "“Apart” is the wall-clock time from the first task's run() to the last one's, divided by their number. "
        "What is to run is known before to all of them.",
        work="nothing",
    ),
    "start": Benchmark(
        "Start-up: a script of one task, from nothing to its end",
        "chain",
        dict.fromkeys(("bare", "martlet", "luigi", "doit", "dask", "make", "ninja"), (1,)),
        work="start",
        rounds=5,
    ),
    "objects": Benchmark(
        "Objects: a new task with four parameters, and one that is known already",
        "fan",
        {"bare": (100_000,), "martlet": (100_000,), "luigi": (10_000,)},
        work="objects",
    ),
}


def restricted(sizes: Sizes, peers: tuple[str, ...], wanted: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """The sizes of these peers (all, if none is named), or those `wanted` instead that a peer can reach."""
    chosen = {peer: own for peer, own in sizes.items() if not peers or peer in peers}
    if wanted:
        chosen = {peer: tuple(n for n in wanted if n <= max(own)) for peer, own in chosen.items()}
    return {peer: own for peer, own in chosen.items() if own}

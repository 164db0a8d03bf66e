"""Who is compared. A peer is a module here and a line in this list."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """One engine, or one way to do without."""

    title: str
    """How tables call it."""
    module: str
    """A Python library's module offers `run(job)` and, where processes stay after it, `close()`; a program's offers
    `lay_out(job)` and `command(job)`."""
    version: str = ""
    """The distribution that says its version, or the program that does when asked for --version."""
    program: bool = False
    """A program of its own, started without Python."""
    remembers: bool = False
    """Keeps a database of what it has done, and only believes that: a state is made by running it."""


PEERS = {
    "bare": Peer("bare loop", "benchmarks.peers.bare"),
    "bare-os": Peer("bare loop, os.open", "benchmarks.peers.bare"),
    "martlet": Peer("Martlet", "benchmarks.peers.martlet", "martlet"),
    "martlet-2": Peer("Martlet, 2 workers", "benchmarks.peers.martlet", "martlet"),
    "luigi-face": Peer("Martlet, `import luigi`", "benchmarks.peers.luigi_face", "martlet"),
    "luigi": Peer("luigi", "benchmarks.peers.luigi", "luigi"),
    "doit": Peer("doit", "benchmarks.peers.doit", "doit", remembers=True),
    "dask": Peer("dask.distributed, 2 workers", "benchmarks.peers.dask", "distributed"),
    "futures": Peer("ProcessPoolExecutor, 2 workers", "benchmarks.peers.futures"),
    "pool": Peer("multiprocessing.Pool, 2 workers", "benchmarks.peers.pool"),
    "make": Peer("make -j2", "benchmarks.peers.make", "make", program=True),
    "ninja": Peer("ninja -j2", "benchmarks.peers.ninja", "ninja", program=True),
}

"""The measured process: `python -m benchmarks.stores.ask MODULE URL FILES` says how many of the files are there."""

from __future__ import annotations

import sys
from importlib import import_module

from ..clock import Clock
from .files import wanted


def main() -> None:
    module, url, files = sys.argv[1:]
    clock = Clock()
    peer = import_module(f"benchmarks.stores.peers.{module}")
    names = wanted(url, int(files))
    clock.begins()
    present = peer.look(names)
    clock.ends()
    clock.tell(present=present)


if __name__ == "__main__":
    main()

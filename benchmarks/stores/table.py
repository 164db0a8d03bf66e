"""Results as tables: on the terminal, or in docs/performance.md.

`python -m benchmarks.stores.table RESULTS.json` prints them, with `--write` it renews those of the page.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from ..page import Block
from ..results import Results, Series
from ..table import Row, markdown, plain, significant
from .peers import PEERS

_TITLES = {"webdav": "WebDAV: apache's mod_dav", "xrootd": "XRootD"}


def rows(results: Results, protocol: str) -> list[Row]:
    """The table of one protocol, its head first."""
    head = ["", "files", "requests", "wall, s", "CPU, s", "× Martlet's wall"]
    order = list(PEERS)
    every = sorted(results.benchmarks[protocol], key=lambda one: order.index(one.peer))
    return [head, *(_row(results, protocol, one) for one in every)]


def _row(results: Results, protocol: str, one: Series) -> Row:
    title, files = PEERS[one.peer].title, f"{one.size:,}"
    if not one.samples or one.failed:
        return [title, files, f"failed: {one.failed}", "", "", ""]
    best = results.one(protocol, "martlet", one.size)
    ratio = significant(one.wall / best.wall, 2) if best else ""
    return [title, files, f"{one.extra('requests'):,.0f}", significant(one.wall), significant(one.cpu), ratio]


def _machine(results: Results) -> Iterator[str]:
    machine = results.machine
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    yield f"{machine['date']}, {machine['cores']} cores of {machine['processor']}, {machine['system']}, "
    yield f"Martlet at {machine['commit'] or 'no commit'}; {versions}. "
    yield f"Added to a round trip: {machine['round_trip'] * 1e3:.0f} ms. Load when it began: {machine['load'][0]}."


def on_terminal(results: Results) -> str:
    """Everything, for a terminal."""
    parts = ["".join(_machine(results))]
    parts += [f"{_TITLES[protocol]}\n\n{plain(rows(results, protocol))}" for protocol in results.benchmarks]
    return "\n\n".join(parts) + "\n"


def on_page(results: Results) -> str:
    """Everything, for docs/performance.md."""
    parts = ["".join(_machine(results))]
    parts += [f"### {_TITLES[protocol]}\n\n{markdown(rows(results, protocol))}" for protocol in results.benchmarks]
    return "\n\n".join(parts) + "\n"


BLOCK = Block("stores", on_page, on_terminal)


if __name__ == "__main__":
    sys.exit(BLOCK.main("benchmarks.stores.table", sys.argv[1:]))

"""Who is asked which of many remote files are there. A peer is a module here and a line in this list.

A module offers `look(wanted)`: it is given the wanted names by the URL of their directory, and returns how many of them
are there. What it imports is not measured, what it connects to is.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """One way to ask."""

    title: str
    module: str
    protocols: tuple[str, ...]
    distribution: str = ""
    """The Python distribution, or the module of the system's Python, that it needs."""
    of_system: bool = False
    """It is a package of the system, for the system's own Python."""
    most: int | None = None
    """Files it can be asked for in bearable time."""


PEERS = {
    "martlet": Peer("Martlet", "martlet_look", ("webdav", "xrootd"), "martlet"),
    "martlet-plan": Peer("Martlet, all tasks planned", "martlet_plan", ("webdav", "xrootd"), "martlet"),
    "gfal2": Peer("gfal2, listings in 16 threads", "gfal2_list", ("webdav", "xrootd"), "gfal2", of_system=True),
    "gfal2-stat": Peer("gfal2, a stat a file", "gfal2_stat", ("webdav", "xrootd"), "gfal2", of_system=True, most=1000),
    "davix": Peer("davix-ls, 16 at a time", "davix_list", ("webdav",), "davix-ls", of_system=True),
    "fsspec-webdav": Peer("fsspec (webdav4), listings in 16 threads", "fsspec_webdav", ("webdav",), "webdav4"),
    "fsspec-xrootd": Peer("fsspec (fsspec-xrootd), listings at once", "fsspec_xrootd", ("xrootd",), "fsspec-xrootd"),
}

"""Where and with what a benchmark ran."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import time
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from .peers import PEERS


def describe() -> dict[str, object]:
    """What numbers depend on."""
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", platform.system()),
        "kernel": platform.release(),
        "python": f"{platform.python_version()} ({platform.python_compiler()})",
        "commit": _answer("git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"),
        "versions": versions(),
        "load": [load()],
    }


def load() -> float:
    """Processes that wanted a core in the last minute."""
    return round(os.getloadavg()[0], 2)


def processor() -> str:
    """The model of the first processor."""
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found.group(1).strip() if found else platform.machine()


def name() -> str:
    """Date and machine, as a file name."""
    model = re.sub(r"[(](r|tm)[)]|processor|cpu", "", processor().lower())
    words = f"{time.strftime('%Y-%m-%d', time.gmtime())} {len(os.sched_getaffinity(0))} core {model}"
    return re.sub(r"[^a-z0-9]+", "-", words).strip("-")


def versions() -> dict[str, str]:
    """Versions of the peers that are here, by distribution or program."""
    found: dict[str, str] = {"python": platform.python_version()}
    for peer in PEERS.values():
        if peer.program:
            found[peer.version] = _answer(peer.version, "--version")
        elif peer.version:
            try:
                found[peer.version] = version(peer.version)
            except PackageNotFoundError:
                found[peer.version] = ""
    return {one: text for one, text in found.items() if text}


def _answer(*command: str) -> str:
    """The first line a program prints; nothing when it is not there or fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.partition("\n")[0]
    except (OSError, subprocess.CalledProcessError):
        return ""


def reachable(peer: str) -> bool:
    """Whether a peer is installed."""
    wanted = PEERS[peer]
    if wanted.program:
        return bool(_answer(wanted.version, "--version"))
    if not wanted.version:
        return True
    try:
        version(wanted.version)
    except PackageNotFoundError:
        return find_spec(wanted.version) is not None  # a source tree on the path
    return True

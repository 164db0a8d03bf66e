"""Which peers this machine has, and with which Python they run."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

from .peers import PEERS, Peer

_SYSTEM = "/usr/bin/python3"
"""Modules of the distribution's packages are for this one."""


def interpreter(peer: Peer) -> str:
    return _SYSTEM if peer.of_system else sys.executable


def reachable(peer: Peer) -> bool:
    return bool(_version(peer))


def versions() -> dict[str, str]:
    """By distribution, module or program."""
    found = {peer.distribution: _version(peer) for peer in PEERS.values()}
    return {name: text for name, text in found.items() if text}


def _version(peer: Peer) -> str:
    """Empty if it is not there."""
    if not peer.of_system:
        try:
            return version(peer.distribution)
        except PackageNotFoundError:
            return ""
    if shutil.which(peer.distribution):
        return _answer(peer.distribution, "--version")
    return _answer(_SYSTEM, "-c", f"import {peer.distribution}; print({peer.distribution}.get_version())")


def _answer(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip().partition("\n")[0]
    except (OSError, subprocess.CalledProcessError):
        return ""

"""What a script's command line can name: its tasks, their parameters, and the values of these.

It is found out by a process of its own that imports the script, and kept until a source file that took part has
changed, so that no code of the user's runs at most presses of the key.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..data import Data
from ..fingerprint import shelf
from ..fingerprint.digest import sha256
from ..unchanged import is_settled, state

LONGEST = 20.0
"""Seconds that the import of a script may take."""
_FORM = 2
"""Raised when what is kept has another form."""


class Flag(Data):
    """A parameter."""

    flag: str
    help: str
    switch: bool
    """It takes no value."""
    choices: tuple[str, ...]
    """The values it takes; empty for any."""


class Family(Data):
    name: str
    help: str
    flags: tuple[Flag, ...]


Catalogue = Mapping[str, Family]
"""By name, in the order of definition."""


def of(script: Path) -> Catalogue:
    """The tasks of a script; nothing where it cannot be imported and never could. Never raises."""
    place = _place(script)
    known = _read(place)
    if known is not None and _is_current(known["sources"]):
        return _catalogue(known["families"])
    fresh = _imported(script)
    if fresh is None:  # half edited: what was known before is better than nothing
        return _catalogue(known["families"]) if known is not None else {}
    shelf.keep(str(place), json.dumps(fresh))
    return _catalogue(fresh["families"])


def _catalogue(families: list[Any]) -> Catalogue:
    return {
        name: Family(name, text, tuple(Flag(flag, about, switch, tuple(some)) for flag, about, switch, some in flags))
        for name, text, flags in families
    }


def _place(script: Path) -> Path:
    key = f"{script.resolve()}\0{sys.executable}"
    return Path(shelf.folder(f"completion-{_FORM}"), sha256(os.fsencode(key))[:32] + ".json")


def _read(place: Path) -> dict[str, Any] | None:
    try:
        told: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        return told if {"sources", "families"} <= told.keys() else None
    except (OSError, ValueError):
        return None


def stamp(path: str) -> list[int] | None:
    """What tells that a file has changed; None where it is gone, or may change within the tick of its time."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return list(state(status)) if is_settled(status) else None


def _is_current(sources: Mapping[str, Any]) -> bool:
    return bool(sources) and all(then is not None and stamp(path) == then for path, then in sources.items())


def _imported(script: Path) -> dict[str, Any] | None:
    command = [sys.executable, "-m", "martlet.completion.importing", str(script)]
    try:
        finished = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=LONGEST, check=False, text=True
        )
        told: dict[str, Any] = json.loads(finished.stdout.rpartition("\0")[2])
        return told
    except (OSError, ValueError, subprocess.SubprocessError):
        return None

"""CPythons of this machine, by their version."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

_QUESTION = "import sys, venv; print(sys.version.split()[0])"
_PATIENCE = 60
"""Seconds that an interpreter may take to say its version."""


def find(wanted: str) -> str | None:
    """The program of a CPython that can make virtual environments, of that version (`3.12.4`), else of its `3.12`."""
    short = ".".join(wanted.split(".")[:2])
    near: str | None = None
    for program in _candidates(short):
        version = version_of(program)
        if version == wanted:
            return program
        if near is None and version is not None and version.split(".")[:2] == short.split("."):
            near = program
    return near


def version_of(program: str) -> str | None:
    """As in `3.12.4`; None for what is no Python, cannot be started, or lacks `venv`."""
    try:
        told = subprocess.run(
            [program, "-I", "-c", _QUESTION], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=_PATIENCE, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return told.stdout.strip() if told.returncode == 0 else None


def _candidates(short: str) -> Iterator[str]:
    """On PATH, and where pyenv and uv keep theirs; each once."""
    places = [Path(entry, f"python{short}") for entry in os.environ.get("PATH", "").split(os.pathsep) if entry]
    home = Path.home()
    kept = (
        (Path(os.environ.get("PYENV_ROOT") or home / ".pyenv", "versions"), f"{short}.*"),
        (Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or home / ".local/share/uv/python"), f"cpython-{short}.*"),
    )
    for folder, pattern in kept:
        places += [version / "bin" / f"python{short}" for version in sorted(folder.glob(pattern), reverse=True)]
    seen: set[str] = set()
    for place in places:
        if os.access(place, os.X_OK) and (real := os.path.realpath(place)) not in seen:
            seen.add(real)
            yield str(place)

"""Has an analysis imported in a process of its own (`martlet.doctor.probe`)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..data import Data

LONGEST = 300
"""Seconds that an import may take: those of large libraries take a minute on a busy file system."""
_KEPT = 20_000
"""Characters of what was printed that are kept."""


class Imported(Data):
    """What came of importing an analysis."""

    endings: Sequence[Mapping[str, str]] = ()
    """By module how its import ended: whole, run, exit or error, with cause and details."""
    tasks: Sequence[Mapping[str, Any]] = ()
    modules: Mapping[str, str] = {}
    """Every module that was loaded, with its file."""
    changes: Sequence[Mapping[str, Any]] = ()
    """What of luigi was changed: name, file, line."""
    printed: str = ""
    trouble: str = ""
    """Why nothing is known: the process ended before it could tell."""


def imported(
    roots: Sequence[tuple[str, Path]], folders: Sequence[Path], *, real: bool, longest: float = LONGEST
) -> Imported:
    """Imports modules. `folders`: where theirs are looked for first; `real`: with the real luigi, for law."""
    request = {
        "roots": [(module, str(path.absolute())) for module, path in roots],
        "folders": [str(folder) for folder in folders],
        "real": real,
    }
    environment = {**os.environ, "MARTLET_AUTORUN": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    environment["MARTLET_LUIGI"] = "real" if real else ""
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as answer:
        process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.probe", json.dumps(request), str(answer.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            pass_fds=[answer.fileno()],
            env=environment,
            start_new_session=True,
        )
        trouble = _ended(process, longest)
        printed.seek(0)
        text = printed.read().decode(errors="replace")[-_KEPT:]
        answer.seek(0)
        told = answer.read()
    if trouble or not told:
        return Imported(printed=text, trouble=trouble or "the import ended the process before it could tell")
    return Imported(printed=text, **json.loads(told))


def _ended(process: subprocess.Popen[bytes], longest: float) -> str:
    """Waits for the process, and ends what it has left. Returns what was wrong with its end."""
    try:
        code = process.wait(longest)
    except subprocess.TimeoutExpired:
        code = None
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    if code is None:
        process.wait()
        return f"the import took longer than {longest:g} s"
    if code < 0:
        return f"the import was ended by {signal.Signals(-code).name}"
    return f"the import ended the process with exit code {code}" if code else ""

"""Files of stores around a command: fetched before it starts, stored when it has ended well.

`python -m martlet.command.staged FILE` runs a command so, in place of the command alone.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp
from typing import Any, NamedTuple

from .._bridge import without_credentials
from ..storage import Kind, StorageError, digests
from ..targets.remote import RemoteTarget

_NOTE = ".made"
TRANSIENT, REFUSED = 213, 214
"""Exit statuses of the program when files could not be fetched or stored: for now, or for good."""


class Made(NamedTuple):
    """An output that lies in a store now, as reports name it."""

    location: str
    size: int
    modified: int
    """Nanoseconds since 1970; 0 where the store does not say."""
    checksum: str
    """`adler32:0a1b2c3d`; empty where none was asked for."""


class Staged(NamedTuple):
    """What goes between stores and the local paths that a command is told of."""

    folder: str
    """Holds the local paths; made by `bring`, removed by `clear`."""
    fetched: list[tuple[str, str]]
    """(location in a store, local path)"""
    stored: list[tuple[str, str]]
    """(local path, location in a store)"""

    def bring(self) -> None:
        """Fetches what the command reads, and makes the folders that it writes to."""
        os.makedirs(self.folder, mode=0o700)
        for path, _ in self.stored:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        RemoteTarget.fs.fetch(self.fetched)

    def take(self, checked: bool = False) -> list[Made]:
        """Stores what the command wrote, and tells what that is. Raises FileNotFoundError where it wrote nothing.

        `checked`: with checksums.
        """
        for path, location in self.stored:
            if not os.path.isfile(path):
                raise FileNotFoundError(f"the command ended well without having made {RemoteTarget(location)}")
        statuses = RemoteTarget.fs.store(self.stored)
        return [
            Made(without_credentials(location), status.size, status.modified, _checksum(path) if checked else "")
            for (path, location), status in zip(self.stored, statuses)
        ]

    def clear(self) -> None:
        """Removes the local files."""
        shutil.rmtree(self.folder, ignore_errors=True)


def described(staged: Staged, command: Sequence[str], around: dict[str, Any]) -> list[str]:
    """The words of the program that runs a command with its files.

    What it has to know is in a file, which nobody else can read and which it removes. `around`: `directory`,
    `variables`, `well` (the exit statuses that are success), `script`, `stores` and `checked` (whether checksums of
    outputs are wanted).
    """
    descriptor, path = mkstemp(prefix="martlet-command-", suffix=".json")
    with open(descriptor, "w", encoding="utf-8") as file:
        json.dump({"staged": staged, "command": command, **around}, file)
    return [sys.executable, "-m", "martlet.command.staged", path]


def note_of(words: Sequence[str]) -> str:
    """The path of the file in which that program tells, once it has ended well, what it stored: a list of `Made`."""
    return words[-1] + _NOTE


def main(path: str) -> int:
    """Runs what the file describes. The exit status of the command, or one of ours."""
    from ..steering import configured_stores

    with open(path, encoding="utf-8") as file:
        told = json.load(file)
    os.unlink(path)
    configured_stores.give(told["stores"])
    configured_stores.run_for(Path(told["script"]) if told["script"] else None)
    staged = Staged(*told["staged"])
    try:
        staged.bring()
        code = subprocess.call(told["command"], cwd=told["directory"], env={**os.environ, **told["variables"]})
        if code in told["well"]:
            made = staged.take(told["checked"])
            with open(path + _NOTE, "x", encoding="utf-8") as note:
                json.dump(made, note)
    except OSError as error:
        print(f"martlet: {error}", file=sys.stderr)
        return TRANSIENT if isinstance(error, StorageError) and error.kind is Kind.TRANSIENT else REFUSED
    except KeyboardInterrupt:
        code = -signal.SIGINT
    finally:
        staged.clear()
    if code < 0:
        with suppress(OSError):  # SIGKILL has no handler
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


def _checksum(path: str) -> str:
    return f"adler32:{digests.of_file(path, 'adler32')}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

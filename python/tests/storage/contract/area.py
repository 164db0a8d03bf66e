"""A folder with an analysis whose store is reached through a proxy, or directly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import martlet
from faults.processes import marked
from storage.contract.place import Place

PATIENCE = 120
"""Seconds in which something must have come about."""


class Area:
    """`analysis.py` in a folder, and a configuration that calls a place `results`."""

    def __init__(self, folder: Path, place: Place, script: str) -> None:
        self.folder = folder
        self.mark = f"MARTLET_TEST_AREA={folder}"
        self._environment = {**place.environment, "MARTLET_TEST_AREA": str(folder)}
        (folder / "analysis.py").write_text(script)
        self.configure(place)

    def configure(self, place: Place) -> None:
        """The store is this one from now on."""
        settings = {**place.settings, "timeout": 5, "retries": 1}
        options = "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
        (self.folder / "martlet.toml").write_text(f'[stores.results]\nurl = "{place.url}"\n{options}')

    @contextmanager
    def running(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        paths = [str(Path(martlet.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, **self._environment, "PYTHONPATH": os.pathsep.join(paths)}
        with subprocess.Popen(
            [sys.executable, "-m", "martlet", "run", "analysis.py", *words], cwd=self.folder, env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        ) as process:  # fmt: skip
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()

    def run(self, *words: str) -> tuple[int, str]:
        """Exit code, and what was said."""
        with self.running(*words) as process:
            said, _ = process.communicate(timeout=PATIENCE)
        return process.returncode, said

    def history(self) -> list[str]:
        path = self.folder / "history"
        return path.read_text().splitlines() if path.exists() else []

    def living(self, part: str) -> list[int]:
        """Processes of this area's runs with a part of their command line."""
        return [pid for pid, process in marked(self.mark).items() if part in process.line]

    def wait_until(self, what: Callable[[], object], process: subprocess.Popen[str] | None = None) -> None:
        deadline = time.monotonic() + PATIENCE
        while not what():
            if process is not None and process.poll() is not None:
                pytest.fail(f"the run ended before: {process.communicate()[0]}")
            if time.monotonic() > deadline:
                pytest.fail(f"it did not come about; history: {self.history()}")
            time.sleep(0.02)

"""Fixtures: a project folder, a command to run in it, a registry with nothing in it but what a test defines."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import martlet
from martlet.register import Register
from martlet.steering import one_run, session

STAND_INS = Path(__file__).parent / "stand_ins"
REPLACED = Path(__file__).parent / "replaced"
"""Its `sitecustomize` puts the stand-in engine in place. Never on this process's path, which others may hand on."""
PACKAGE = Path(martlet.__file__).resolve().parents[1]
sys.path.append(str(STAND_INS))

RunCommand = Callable[..., "subprocess.CompletedProcess[str]"]


def environment() -> dict[str, str]:
    """The environment of child processes: the stand-in engine, nothing of the user's configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MARTLET_", "XDG_", "PYTHON"))}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(map(str, (PACKAGE, STAND_INS, REPLACED))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": "/nonexistent",
        "TERM": "dumb",
        "COLUMNS": "100",
    }


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("MARTLET_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", "/nonexistent")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one and has a `.git`, so that searches upwards end in it."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def registry() -> Iterator[None]:
    """Task classes that a test defines are forgotten after it."""
    before = list(Register._reg)
    yield
    Register._reg[:] = before


@pytest.fixture
def stand_in_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs within this process go to the stand-in engine."""
    import engine

    monkeypatch.setattr(one_run, "engine", lambda: engine)
    monkeypatch.setattr(session, "outcomes", [])


@pytest.fixture
def command(project: Path) -> RunCommand:
    """Runs this interpreter with arguments in the project folder."""

    def run(
        *arguments: str, python: str = sys.executable, stdin: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python, *arguments],
            cwd=project,
            env={**environment(), **variables},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run

"""Runs one file of luigi's tests in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from . import outcome, recording
from .outcome import FileOutcome
from .table import SuiteFile

TESTS = Path(__file__).parents[1]


def run(
    file: SuiteFile,
    python: Path,
    tree: Path,
    keyword: str = "",
    log: Path | None = None,
    left_out: Sequence[str] = (),
) -> FileOutcome:
    """How its tests end under this Python, in the unpacked distribution; `keyword` selects some of them.

    :param left_out: tests that are not run.

    The file's process leads a group, which is killed at the time limit. What it prints goes to `log`.
    """
    with tempfile.TemporaryDirectory(prefix="luigi-suite-") as scratch:
        outcomes = Path(scratch, "outcomes")
        outcomes.touch()
        command = [str(python), "-m", "pytest", "-q", "-p", "luigi_suite.recording", "-p", "no:cacheprovider"]
        # nor the settings of a project that the tree may lie in
        command += ["-p", "no:faulthandler", "--tb=short", "-c", os.devnull, "--rootdir=.", f"test/{file.name}"]
        command += ["-k", keyword] if keyword else []
        begun = time.monotonic()
        with open(log or os.devnull, "wb") as out:
            process = subprocess.Popen(
                command,
                cwd=tree,
                env={
                    **_environment(python, outcomes, Path(scratch), file.environment),
                    recording.LEFT_OUT: "\n".join(left_out),
                },
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            ended = _wait(process, file.seconds)
        tests = outcome.read(outcomes.read_text(encoding="utf-8").splitlines())
        return FileOutcome(file.name, tests, time.monotonic() - begun, ended)


def _wait(process: subprocess.Popen[bytes], seconds: float) -> str:
    """Why the process did not end by itself; empty if it did. Nothing of its group is left."""
    try:
        status = process.wait(seconds)
        why = f"ended by signal {-status}" if status < 0 else "" if status < 2 else f"pytest exited with {status}"
    except subprocess.TimeoutExpired:
        why = f"ended after {seconds:g} s"
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
    return why


def _environment(python: Path, outcomes: Path, scratch: Path, more: str) -> dict[str, str]:
    """Nobody's settings but what the file needs; `python` is the one under test, state goes to a place of its own."""
    name, equals, value = more.partition("=")
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "LC_ALL", "TMPDIR", "USER") if name in os.environ}
    return {
        **kept,
        "PATH": f"{python.parent}:{os.environ.get('PATH', os.defpath)}",
        "PYTHONPATH": str(TESTS),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LUIGI_CONFIG_PATH": "test/testconfig/luigi.toml",
        "MARTLET_STATE": str(scratch / "state"),
        recording.VARIABLE: str(outcomes),
        **({name: value} if equals else {}),
    }

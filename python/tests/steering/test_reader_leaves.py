"""Whoever reads what the program prints leaves before its end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from martlet.running.result import ExitCode


@pytest.mark.parametrize(
    ("words", "expected"), [(["config", "--help"], ExitCode.OK), (["run", "--help"], ExitCode.INTERNAL)]
)
def test_only_a_run_owes_its_end(tmp_path: Path, words: list[str], expected: ExitCode) -> None:
    script = (
        "import sys\nfrom martlet.steering import command_line\n"
        "def leave(words): raise BrokenPipeError\n"
        "command_line.run_command = command_line.config_command = leave\n"
        f"sys.exit(command_line.main({words!r}))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, cwd=tmp_path, check=False)
    assert done.returncode == expected

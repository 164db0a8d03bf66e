"""The same questions to luigi 3.8.1 and to Martlet's layer: the same answers.

MARTLET_REAL_LUIGI names a Python that has luigi installed; by default it is looked for in the one running.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCENARIO = Path(__file__).with_name("scenario.py")
REAL = os.environ.get("MARTLET_REAL_LUIGI", sys.executable)


def answers(python: str, tmp_path: Path, **environment: str) -> Any:
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8", **environment}
    command = [python, "-W", "ignore", str(SCENARIO)]
    run = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_the_same_answers(tmp_path: Path) -> None:
    real = {**os.environ, "MARTLET_LUIGI": "real"}
    there = subprocess.run([REAL, "-c", "import luigi"], env=real, capture_output=True, check=False)
    if there.returncode != 0:
        pytest.skip(f"SKIPPED COMPARISON WITH LUIGI: {REAL} has no luigi; set MARTLET_REAL_LUIGI to one that has")
    theirs = answers(REAL, tmp_path, MARTLET_LUIGI="real")
    ours = answers(sys.executable, tmp_path, MARTLET_LUIGI="", LUIGI_NAMES=",".join(theirs["names"]))
    assert len(ours["answers"]) > 250
    different = [(a, b) for a, b in zip(theirs["answers"], ours["answers"], strict=True) if a != b]
    assert different == []

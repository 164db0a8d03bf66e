"""Batches under luigi 3.8.1 and under Martlet's face: the same instances run, in the same order.

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

SCENARIO = Path(__file__).with_name("batches.py")
REAL = os.environ.get("MARTLET_REAL_LUIGI", sys.executable)


def answers(python: str, folder: Path, **environment: str) -> Any:
    folder.mkdir()
    surroundings = {**os.environ, "PYTHONHASHSEED": "0", "MARTLET_STATE": str(folder / "state"), **environment}
    command = [python, "-W", "ignore", str(SCENARIO), str(folder)]
    run = subprocess.run(command, env=surroundings, cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def test_the_same_batches(tmp_path: Path) -> None:
    ours = answers(sys.executable, tmp_path / "ours", MARTLET_LUIGI="")
    assert ours["latest"]["ran"] == [["Latest", "5"]] and ours["latest"]["ok"]
    assert [len(ours[case]["ran"]) for case in ("joined", "few", "failing")] == [1, 3, 1]
    real = {**os.environ, "MARTLET_LUIGI": "real"}
    there = subprocess.run([REAL, "-c", "import luigi"], env=real, capture_output=True, check=False)
    if there.returncode != 0:
        pytest.skip(f"SKIPPED COMPARISON WITH LUIGI: {REAL} has no luigi; set MARTLET_REAL_LUIGI to one that has")
    theirs = answers(REAL, tmp_path / "theirs", MARTLET_LUIGI="real")
    for case in theirs:
        assert (case, ours[case]) == (case, theirs[case])

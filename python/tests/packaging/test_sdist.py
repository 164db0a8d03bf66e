"""The source distribution holds everything that the repository does."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from clean_environments import ROOT

pytestmark = pytest.mark.e2e


def test_holds_every_tracked_file(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="hatchling builds the source distribution: pip install hatchling")
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: nothing to compare with")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", tmp_path]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    (sdist,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    tracked = {name for name in listed.split("\0") if name and (ROOT / name).exists()}
    assert tracked - packed == set()
    assert {name for name in packed if name.endswith(".so")} == set()

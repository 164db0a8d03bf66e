"""`martlet doctor` from the wheel, on every Python: the executable hands over, and the analysis is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from clean_environments import CleanEnvironment
from doctor.analyses import CLEAN, DEEP, write

pytestmark = pytest.mark.e2e


def test_it_answers(clean_venv: CleanEnvironment, tmp_path: Path) -> None:
    write(tmp_path, {"reco.py": CLEAN, **{f"deep/{name}": text for name, text in DEEP.items()}})
    good = clean_venv.run("martlet", "doctor", "reco.py", cwd=tmp_path)
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.startswith("an analysis of luigi: 1 file read, 2 task families\n")
    assert "at import" not in good.stdout
    bad = clean_venv.run("martlet", "doctor", "reco", "--no-import", cwd=tmp_path / "deep")
    assert bad.returncode == 1, bad.stderr
    assert "luigi.worker.TaskProcess.run is changed\n      reco/base.py:15" in bad.stdout
    assert not (tmp_path / "ran.txt").exists()

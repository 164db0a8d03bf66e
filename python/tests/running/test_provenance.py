"""What the head of a run's reports says of its script."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from martlet.running import provenance


def digest(script: Path) -> str:
    told: str = provenance.head(script, "1")["code"]["sha256"]
    return told


@pytest.mark.parametrize("is_settled", [False, True])
def test_a_script_that_is_edited_between_two_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_settled: bool
) -> None:
    if is_settled:
        monkeypatch.setattr("martlet.unchanged._SETTLED", -1)
    script = tmp_path / "reco.py"
    for number, text in enumerate((b"a = 1\n", b"a = 2\n")):
        script.write_bytes(text)
        os.utime(script, (number, number))
        assert digest(script) == digest(script) == hashlib.sha256(text).hexdigest()


def test_a_script_that_is_gone_is_said_to_be_unreadable(tmp_path: Path) -> None:
    assert "unreadable" in provenance.head(tmp_path / "reco.py", "1")["code"]

"""Branches as jobs: each works on what it was about when the run was planned."""

from __future__ import annotations

import base64
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import martlet
from martlet.workflow import maps, parcel

PACKAGES = Path(martlet.__file__).parents[1]
SCRIPT = """
import os
import martlet

class Piece:
    def __init__(self, name):
        self.name = name

class Select(martlet.Workflow):
    def create_branch_map(self):
        with open("asked", "a") as file:
            file.write("x")
        return [Piece(name) for name in sorted(os.listdir("in"))]
    def output(self):
        return martlet.LocalTarget(f"out/{self.branch}")
    def run(self):
        open(f"in/0{self.branch}", "w").close()
        with self.output().open("w") as file:
            file.write(self.branch_data.name)

if __name__ == "__main__":
    martlet.run()
"""


@pytest.mark.parametrize("door", [["-m", "martlet", "run"], []], ids=["martlet run", "python"])
@pytest.mark.parametrize("bundle", ["always", "never"])
def test_what_comes_meanwhile_is_none_of_a_jobs_business(tmp_path: Path, door: list[str], bundle: str) -> None:
    (tmp_path / "in").mkdir()
    for name in "ab":
        (tmp_path / "in" / name).touch()
    (tmp_path / "select.py").write_text(SCRIPT)
    words = [sys.executable, *door, "select.py", "Select", "--batch", "local", "--bundle", bundle, "--state", "state"]
    variables = {**os.environ, "PYTHONPATH": str(PACKAGES), "TMPDIR": str(tmp_path)}
    done = subprocess.run(words, cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert [(tmp_path / "out" / name).read_text() for name in "01"] == ["a", "b"]
    assert (tmp_path / "asked").read_text() == "x"


class Pieces(martlet.Workflow):
    """Of whatever it is given."""

    pieces: Any = ()

    def create_branch_map(self) -> Any:
        return list(self.pieces)


@pytest.fixture(autouse=True)
def anew() -> None:
    maps.forget()
    maps._told.clear()


def test_a_parcel_is_what_the_branch_is_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pieces, "pieces", [{"file": ("a", 1)}])
    text = parcel.packed(Pieces(branch=0))
    assert text is not None
    monkeypatch.setattr(Pieces, "pieces", ["another"])
    maps.forget()
    parcel.unpack(text, Pieces(branch=0))
    assert Pieces(branch=0).branch_data == {"file": ("a", 1)}


def test_what_cannot_travel_is_asked_for_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pieces, "pieces", [lambda: 1, "x" * (parcel.MOST + 1)])
    assert parcel.packed(Pieces(branch=0)) is None and parcel.packed(Pieces(branch=1)) is None
    assert parcel.packed(Pieces()) is None
    monkeypatch.setattr(Pieces, "pieces", [1])
    maps.forget()
    parcel.unpack("bm9uZQ==", Pieces(branch=0))
    assert Pieces(branch=0).branch_data == 1


def test_followers_of_a_batch_have_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    from martlet.running.jobs import _branches

    monkeypatch.setattr(Pieces, "pieces", ["a", "b"])
    told = _branches([Pieces(branch=0), Pieces(branch=1)])["branch_data"]
    assert [pickle.loads(base64.b64decode(text)) for text in told] == ["a", "b"]
    assert _branches([martlet.Task()]) == {}

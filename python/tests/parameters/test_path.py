from __future__ import annotations

from pathlib import Path

import pytest

import martlet


def test_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Pathed(martlet.Task):
        plain = martlet.PathParameter(default=Path("a"))
        absolute = martlet.PathParameter(absolute=True, default=Path("a"))
        there = martlet.PathParameter(exists=True, default=Path("here"))

    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="The path here does not exist"):
        Pathed()
    Path("here").touch()
    task = Pathed(plain="b")
    assert task.plain == Path("b")
    assert task.absolute == tmp_path / "a"
    assert task.there == Path("here")

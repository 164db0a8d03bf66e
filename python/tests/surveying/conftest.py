"""An analysis in a folder of its own, which every test starts in."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from martlet.register import Register

HERE = Path(__file__).parent


@pytest.fixture
def analysis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module of that name, with its classes alone in the registry, and raw data in place."""
    for name in [name for name in os.environ if name.startswith(("MARTLET_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MARTLET_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(HERE))
    before = list(Register._reg)
    sys.modules.pop("analysis", None)
    import analysis

    (tmp_path / "raw.txt").write_text("raw")
    yield analysis
    sys.modules.pop("analysis", None)
    Register._reg[:] = before

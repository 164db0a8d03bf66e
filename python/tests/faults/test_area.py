"""The driver that an iteration starts is the real one, whatever tests around it have put on the path."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from faults.area import Area
from faults.scenario import Node, choose


def test_the_driver_gets_nothing_of_the_tests_own_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    others = tmp_path / "others"
    others.mkdir()
    (others / "sitecustomize.py").write_text("import os; os._exit(99)\n")
    monkeypatch.syspath_prepend(others)
    folder = tmp_path / "iteration"
    folder.mkdir()
    alone = replace(choose(1), nodes=[Node([], size=20, pause=0, flushes=False, child=False)], workers=1, batch=False)
    area = Area(folder, alone)
    process = area.start()
    assert process.wait(timeout=60) == 0, area.said()
    assert area.present() == [0]

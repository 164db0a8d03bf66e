"""A store in a folder, behind a back end in a process of its own, that goes wrong when it is told to."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from martlet import _bridge
from martlet.storage import end_couriers, launching

PACKAGE = Path(__file__).parent / "rude_store"
_numbers = count()


class Store:
    """The folder `root` as `rude://storeNUMBER/…`: what a process has committed it remembers by its URL."""

    def __init__(self, root: Path, module: ModuleType) -> None:
        self.root = root
        self.url = f"rude://store{next(_numbers)}"
        self._module = module

    def inject(self, fault: str, operation: str, part: str = "", times: int = 1) -> None:
        """The next operations of that kind go wrong, as `rude_store.inject` says."""
        self._module.inject(self.root, fault, operation, part, times)

    def calls(self) -> list[tuple[str, int]]:
        """What was asked so far, and of how many targets at once."""
        found: list[tuple[str, int]] = self._module.calls(self.root)
        return found

    def couriers(self) -> list[int]:
        """The processes that were asked, one for each call."""
        return [int(line.split()[2]) for line in (self.root / ".calls").read_text().splitlines()]

    def files(self) -> list[str]:
        """Paths of all files, temporary ones too."""
        paths = [path.relative_to(self.root) for path in self.root.rglob("*") if path.is_file()]
        return sorted(str(path) for path in paths if path.parts[0] not in (".faults", ".calls"))


def _rude_store() -> Any:
    spec = importlib.util.spec_from_file_location("rude_store", PACKAGE / "rude_store.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def rude(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    root = tmp_path / "store"
    root.mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(PACKAGE)])
    store = Store(root, _rude_store())
    launching.use_settings([{"url": store.url, "root": str(root)}])
    _bridge.launch_couriers(json.dumps({"commands": launching.commands()}))
    end_couriers()
    yield store
    launching.use_settings([])
    end_couriers()

"""The shared task classes are registered in every test, whatever other tests did to the registry."""

from __future__ import annotations

import pytest

from martlet.register import Register
from martlet.running import streaming
from martlet.task import Task
from running import analysis, streamed


@pytest.fixture(autouse=True)
def registered(fresh_registry: None) -> None:
    for cls in [*vars(analysis).values(), *vars(streamed).values()]:
        if isinstance(cls, type) and issubclass(cls, Task) and cls not in Register._reg:
            Register._reg.append(cls)


@pytest.fixture
def short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handful of tasks is a large plan here."""
    monkeypatch.setattr(streaming, "_ROWS", 3)
    monkeypatch.setattr(streaming, "FIRST_ROWS", 3)

"""The shared task classes are registered in every test, whatever other tests did to the registry."""

from __future__ import annotations

import pytest

from martlet.register import Register
from martlet.task import Task
from running import analysis


@pytest.fixture(autouse=True)
def registered(fresh_registry: None) -> None:
    for name in dir(analysis):
        cls = getattr(analysis, name)
        if isinstance(cls, type) and issubclass(cls, Task) and cls not in Register._reg:
            Register._reg.append(cls)

"""The shared workflows are registered in every test, whatever other tests did to the registry."""

from __future__ import annotations

import pytest

from martlet.register import Register
from martlet.task import Task
from martlet.workflow import maps
from workflow import work


@pytest.fixture(autouse=True)
def registered(fresh_registry: None) -> None:
    maps.forget()
    for cls in vars(work).values():
        if isinstance(cls, type) and issubclass(cls, Task) and cls.__module__ == work.__name__:
            Register._reg.append(cls)

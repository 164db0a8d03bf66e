"""Every test starts with the classes it defines itself, no configuration and no remembered tasks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from martlet.events import EventSource
from martlet.parameters import configured
from martlet.register import Register


@pytest.fixture(autouse=True)
def fresh_registry(request: pytest.FixtureRequest) -> Iterator[None]:
    classes = list(Register._reg)
    own = request.module.__name__
    Register._reg[:] = [cls for cls in classes if cls.__module__ == own or cls.__module__.startswith("martlet.")]
    namespaces = dict(Register._default_namespace_dict)
    sources = dict(configured._sources)
    handlers = dict(EventSource._event_callbacks)
    yield
    Register._reg[:] = classes
    Register._default_namespace_dict.clear()
    Register._default_namespace_dict.update(namespaces)
    configured._sources.clear()
    configured._sources.update(sources)
    EventSource._event_callbacks.clear()
    EventSource._event_callbacks.update(handlers)
    Register.clear_instance_cache()

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
    own = ("martlet", request.module.__name__.partition(".")[0])
    Register._reg[:] = [cls for cls in classes if cls.__module__.partition(".")[0] in own]
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

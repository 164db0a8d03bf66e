"""Stores that run, and clients that know them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from martlet.storage import launching
from storage.contract.place import Place
from storage.contract.places import PLACES
from storage.servers.proxy import Proxy

Started = Callable[[str], Place]


@pytest.fixture(scope="session")
def passable_folder() -> Iterator[Path]:
    """A folder that servers may enter who do not run as who runs the tests."""
    with tempfile.TemporaryDirectory(prefix="martlet-stores-") as name:
        os.chmod(name, 0o755)
        yield Path(name)


@pytest.fixture(scope="session")
def started(passable_folder: Path) -> Iterator[Started]:
    """`started("xrootd")`: that store, which runs from then on."""
    running: dict[str, Place] = {}
    with ExitStack() as stack:

        def start(name: str) -> Place:
            if name not in running:
                folder = passable_folder / name
                folder.mkdir()
                running[name] = stack.enter_context(PLACES[name](folder))
            return running[name]

        yield start


@pytest.fixture
def place(request: pytest.FixtureRequest, started: Started) -> Place:
    """An empty place in the store whose name is the test's parameter."""
    number = next(_numbers)
    return started(request.param).below(f"test-{number}")


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Place], Place]]:
    """`client(place)`: from then on `martlet.storage` knows this place; gives it back."""

    def know(place: Place) -> Place:
        launching.end_couriers()  # those that run have another environment
        for name, value in place.environment.items():
            monkeypatch.setenv(name, value)
        launching.be_patient(20)
        launching.use_settings(place.stores)
        return place

    yield know
    launching.be_patient(600)
    launching.end_couriers()
    launching.use_settings([])


@pytest.fixture
def proxied() -> Iterator[Callable[[Place], tuple[Place, Proxy]]]:
    """`proxied(place)`: the same place behind a proxy."""
    with ExitStack() as stack:

        def put_between(place: Place) -> tuple[Place, Proxy]:
            assert place.port
            proxy = stack.enter_context(Proxy(place.port))
            return place.through(proxy.port), proxy

        yield put_between


_numbers = iter(range(1_000_000))

"""How the helper processes are started that talk to remote stores: the engine does it, when they are needed first."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from .. import _bridge
from ..targets import location as locations
from .errors import Kind, StorageError

_ENGINE_ALONE = """
import sys
from importlib.machinery import ExtensionFileLoader, ModuleSpec
loader = ExtensionFileLoader("martlet._engine", sys.argv[1])
engine = loader.create_module(ModuleSpec("martlet._engine", loader, origin=sys.argv[1]))
loader.exec_module(engine)
engine.serve_stores(3)
"""
_PYTHON = """
import sys
sys.path[:] = sys.argv[1:]
from martlet.storage.courier import main
main(3)
"""

_is_ready = False
_patience: float | None = None
_told: object = None
"""The stores that the engine knows of."""


def ready(location: str = "") -> None:
    """Tells the engine, once a process, how couriers are started, and what the configuration says of stores.

    To be called before the engine is asked about a location that may be remote. `location`: one about which it will be;
    its courier starts while the configuration is read, and the question put together.
    """
    _launch()
    if locations.is_remote(location):
        _bridge.expect_courier(location.encode(errors="replace").decode())
    _tell_settings()


def _launch() -> None:
    global _is_ready
    if _is_ready:
        return
    _is_ready = True
    _bridge.launch_couriers(json.dumps({"commands": commands(), "patience": _patience}))
    os.register_at_fork(
        before=lambda: _bridge.couriers_at_fork(0),
        after_in_parent=lambda: _bridge.couriers_at_fork(1),
        after_in_child=lambda: _bridge.couriers_at_fork(2),
    )


def be_patient(seconds: float) -> None:
    """A request is given up when it brought nothing new for so long."""
    global _patience
    _patience = seconds
    _bridge.launch_couriers(json.dumps({"patience": seconds}))


def use_settings(stores: list[dict[str, Any]]) -> None:
    """What stores are told of themselves: for each `url`, and options that count for everything below it."""
    ready()
    _bridge.set_stores(json.dumps(stores))


def end_couriers() -> None:
    """Ends helper processes that have nothing to do; the next request starts others."""
    _bridge.end_couriers()


def _tell_settings() -> None:
    """Hands on what the configuration says, once it says something new: each run may bring its own."""
    global _told
    from .stores import places, table  # reads the configuration, which is too much at the import

    known = places()
    if known is not _told:
        _told = known
        _bridge.set_stores(json.dumps(table()))


def commands() -> dict[str, list[str]]:
    """Of each kind of courier, program and arguments."""
    interpreter = sys.executable or getattr(sys, "_base_executable", "")
    if not interpreter:
        raise StorageError(Kind.UNSUPPORTED, "", "this Python does not know its own program (sys.executable)")
    # wherever this process goes: relative entries count from here
    path = [os.path.abspath(entry or os.curdir) for entry in sys.path]
    return {
        "swift": [interpreter, "-I", "-S", "-c", _ENGINE_ALONE, _bridge.engine_file()],
        "python": [interpreter, "-c", _PYTHON, *path],
    }

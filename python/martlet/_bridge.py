"""The only crossing to the Swift engine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ._engine import Run, done_frames, pass_fail_point, relay_waits, set_parent_death_signal, stamp, start_relay
from ._engine import __version__ as _engine_version
from ._engine import batch_systems as _batch_systems
from ._engine import history as _history
from ._engine import vocabulary as _vocabulary


def version() -> str:
    """The engine's version."""
    return _engine_version


def vocabulary() -> dict[str, list[str]]:
    """The names behind the engine's numbers, in order."""
    names: dict[str, list[str]] = json.loads(_vocabulary())
    return names


def batch_systems() -> list[str]:
    """Names for `--batch`."""
    names: list[str] = json.loads(_batch_systems())
    return names


def history(state: str, tasks: Mapping[str, str]) -> dict[str, Any]:
    """What records and leases tell of tasks, by id: what `martlet explain --json` prints. `tasks`: by id, the names
    under which runs claim them. Raises RuntimeError."""
    told: dict[str, Any] = json.loads(_history(state, json.dumps(dict(tasks))))
    return told


__all__ = [
    "Run", "batch_systems", "done_frames", "history", "pass_fail_point", "relay_waits", "set_parent_death_signal",
    "stamp", "start_relay", "version", "vocabulary",
]  # fmt: skip

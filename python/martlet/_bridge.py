"""The only crossing to the Swift engine."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from . import _engine
from ._engine import (
    Run,
    ask_stores,
    complete_result,
    couriers_at_fork,
    done_frames,
    end_couriers,
    expect_courier,
    launch_couriers,
    pass_fail_point,
    relay_waits,
    set_parent_death_signal,
    set_stores,
    stamp,
    start_relay,
    without_credentials,
)
from ._engine import __version__ as _engine_version
from ._engine import ask_records as _ask_records
from ._engine import batch_systems as _batch_systems
from ._engine import history as _history
from ._engine import real_path as _real_path
from ._engine import vocabulary as _vocabulary


def version() -> str:
    """The engine's version."""
    return _engine_version


def vocabulary() -> dict[str, list[str]]:
    """The names behind the engine's numbers, in order."""
    names: dict[str, list[str]] = json.loads(_vocabulary())
    return names


def real_path(path: str) -> str:
    """As os.path.realpath, which looks at each folder on the way by calls of its own: a tenth of the time."""
    found = _real_path(os.fsencode(path))
    return os.path.realpath(path) if found is None else os.fsdecode(found)


def batch_systems() -> list[str]:
    """Names for `--batch`."""
    names: list[str] = json.loads(_batch_systems())
    return names


def ask_records(state: str, question: Mapping[str, Any]) -> dict[str, Any]:
    """`{"answer": …}` to a question about the records, or why it was refused. Raises ValueError."""
    told: dict[str, Any] = json.loads(_ask_records(state, json.dumps(dict(question))))
    return told


def history(state: str, tasks: Mapping[str, str]) -> dict[str, Any]:
    """What records and leases tell of tasks, by id: what `martlet explain --json` prints. `tasks`: by id, the names
    under which runs claim them. Raises RuntimeError."""
    told: dict[str, Any] = json.loads(_history(state, json.dumps(dict(tasks))))
    return told


def engine_file() -> str:
    """The extension module's file."""
    return str(_engine.__file__)


__all__ = [
    "Run", "ask_records", "ask_stores", "batch_systems", "complete_result", "couriers_at_fork", "done_frames",
    "end_couriers", "engine_file", "expect_courier", "history", "launch_couriers", "pass_fail_point", "relay_waits",
    "set_parent_death_signal", "set_stores", "stamp", "start_relay", "version", "vocabulary", "without_credentials",
]  # fmt: skip

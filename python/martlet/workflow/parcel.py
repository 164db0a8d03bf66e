"""What a branch is about, as a text that travels with its job.

A job that asked for the branch map itself could be given another one: a file has come since, and branch 7 would work on
what branch 6 was about when the run was planned.
"""

from __future__ import annotations

import base64
import io
import pickle
import sys
from typing import Any

from . import maps
from .workflow import Workflow

MOST = 100_000
"""Bytes that travel; a job that has to do with more asks for the map."""
_SCRIPTS = ("__main__", "__martlet_main__")
"""What a script's module is called here or there."""


def packed(task: Any) -> str | None:
    """The data of a branch; None of any other task, and where it cannot travel."""
    if not isinstance(task, Workflow) or task.is_workflow():
        return None
    try:
        data = pickle.dumps(task.branch_data, protocol=4)
    except Exception:  # user code: open files, functions without a name
        return None
    return base64.b64encode(data).decode("ascii") if len(data) <= MOST else None


def unpack(text: str, task: Any) -> None:
    """Has a branch of this process be about what `packed` gave; as it was before where that cannot be read here."""
    try:
        data = _Unpickler(base64.b64decode(text), type(task).__module__).load()
    except Exception:  # user code: classes that are elsewhere there
        return
    maps.tell(task._shared_key(), task.branch, data)


class _Unpickler(pickle.Unpickler):
    def __init__(self, data: bytes, script: str) -> None:
        super().__init__(io.BytesIO(data))
        self._script = script

    def find_class(self, module: str, name: str) -> Any:
        if module in _SCRIPTS and self._script in _SCRIPTS:
            return getattr(sys.modules[self._script], name)
        return super().find_class(module, name)

"""Functions that are written out for a class, and compiled once a text: runs in one process make the same ones anew."""

from __future__ import annotations

from types import CodeType
from typing import Any

_codes: dict[tuple[str, str], CodeType] = {}


def define(source: str, origin: str, scope: dict[str, Any]) -> None:
    """Executes definitions in a scope. `origin` stands in tracebacks where a file's name would."""
    code = _codes.get((source, origin))
    if code is None:
        code = _codes[source, origin] = compile(source, f"<{origin}>", "exec", dont_inherit=True)
    exec(code, scope)

"""Where the code of a run comes from: written once into the head of its reports."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from .._bridge import real_path
from ..unchanged import Unchanged
from . import revision


def head(script: Path | None, version: str) -> dict[str, Any]:
    """What all executions of a run share: script and its digest, where it runs, git revision, interpreter. No
    environment variables, no command line: they may hold secrets."""
    return {
        "code": _code(script),
        "environment": {
            "martlet": version,
            "python": sys.version.split()[0],
            "implementation": sys.implementation.name,
            "machine": os.uname().machine,
        },
    }


def _code(script: Path | None) -> dict[str, Any]:
    if script is None:
        return {}
    path = real_path(str(script))
    code: dict[str, Any] = {"script": path, "directory": os.getcwd()}
    try:
        code["sha256"] = _digests.of(path)
    except OSError as error:
        code["unreadable"] = error.strerror
    commit = revision.of(os.path.dirname(path))
    if commit is not None:
        code["revision"] = commit
    return code


def _sha256(text: bytes) -> str:
    """The interpreter's own implementation where there is one: loading OpenSSL costs 3 ms."""
    try:
        if sys.version_info >= (3, 12):
            from _sha2 import sha256  # type: ignore[import-not-found]
        else:
            from _sha256 import sha256  # type: ignore[import-not-found]
    except ImportError:
        from hashlib import sha256
    return str(sha256(text).hexdigest())


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        return _sha256(file.read())


_digests = Unchanged(_digest)

"""Where the code of a run comes from: written once into the head of its reports."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any


def head(script: Path | None, version: str) -> dict[str, Any]:
    """What all executions of a run share: script and its digest, git revision, interpreter. No environment variables,
    no command line: they may hold secrets."""
    return {
        "code": _code(script),
        "environment": {
            "martlet": version,
            "python": platform.python_version(),
            "implementation": sys.implementation.name,
            "machine": platform.machine(),
        },
    }


def _code(script: Path | None) -> dict[str, Any]:
    if script is None:
        return {}
    code: dict[str, Any] = {"script": str(script.resolve())}
    try:
        code["sha256"] = hashlib.sha256(script.read_bytes()).hexdigest()
    except OSError as error:
        code["unreadable"] = error.strerror
    code.update(_git(script.resolve().parent))
    return code


def _git(directory: Path) -> dict[str, Any]:
    """Revision and whether tracked files differ from it; nothing outside a repository or without git."""
    try:
        answer = subprocess.run(
            ["git", "status", "--porcelain=v2", "--branch", "--untracked-files=no"],
            cwd=directory,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    if answer.returncode != 0:
        return {}
    lines = answer.stdout.splitlines()
    revision = next((line.split()[-1] for line in lines if line.startswith("# branch.oid ")), "")
    return {"revision": revision, "dirty": any(not line.startswith("#") for line in lines)}

"""What tasks are made from, for the engine: their code, environment and sandbox, once a family."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

from .completion import CompletionRules

if TYPE_CHECKING:
    from .._bridge import Run
    from .plan import Planner


class Charters:
    """Tells the engine of the families of a plan."""

    def __init__(self, run: Run, planner: Planner, rules: CompletionRules) -> None:
        self._run = run
        self._planner = planner
        self._rules = rules
        self._told = 0
        self._facts: Any = None
        self._environment: dict[str, Any] = {}

    def tell(self) -> None:
        """Tells of the families that are new since the last time: before a look at their reports, or the first."""
        classes = self._planner.classes
        for cls in classes[self._told :]:
            self._told += 1
            traits = self._planner.traits_of(cls)
            self._run.charter(traits.family, json.dumps(self._charter(cls, traits)))

    def code(self, family: int) -> dict[str, Any]:
        """The fact of a family's code, as it is now."""
        cls = next(cls for cls in self._planner.classes if self._planner.traits_of(cls).family == family)
        found: dict[str, Any] = self._code(cls)
        return found

    def sandbox(self, family: int) -> dict[str, Any]:
        """The fact of a family's sandbox, as it is now; empty for none."""
        cls = next(cls for cls in self._planner.classes if self._planner.traits_of(cls).family == family)
        text = self._planner.traits_of(cls).sandbox
        return _sandbox(text) if isinstance(text, str) else {}

    def environment(self) -> dict[str, Any]:
        """The fact of the environment, as it is now."""
        if not self._environment:
            self._environment = _environment()
        return self._environment

    def _charter(self, cls: type[Any], traits: Any) -> dict[str, Any]:
        sandbox = traits.sandbox if isinstance(traits.sandbox, str) else None
        return {
            "code": self._code(cls),
            "environment": self.environment(),
            "sandbox": None if sandbox is None else _sandbox(sandbox),
            "rerun_on": list(traits.rerun_on),
        }

    def _code(self, cls: type[Any]) -> dict[str, Any]:
        # not before something is to run or to be compared
        from ..fingerprint.code import CodeFacts

        if self._facts is None:
            self._facts = CodeFacts()
        fact: dict[str, Any] = self._facts.of(cls)
        return fact


def _environment() -> dict[str, Any]:
    from .. import _bridge
    from ..fingerprint.installed import packages

    return {
        "python": sys.version.split()[0],
        "implementation": sys.implementation.name,
        "machine": os.uname().machine,
        "martlet": _bridge.version(),
        "packages": {name: version for name, version in packages().items() if name != "martlet"},
    }


def _sandbox(text: str) -> dict[str, Any]:
    from ..fingerprint.installed import in_environment, python_of

    kind, _, argument = text.partition(":")
    told: dict[str, Any] = {"sandbox": text}
    if kind == "venv":
        told.update(python=python_of(argument), packages=in_environment(argument))
    elif kind == "shell":
        told["sha256"] = _digest_of(argument)
    return told


def _digest_of(script: str) -> str:
    """Empty where it cannot be read: then nothing of the sandbox runs."""
    from hashlib import sha256

    try:
        with open(script, "rb") as file:
            return sha256(file.read()).hexdigest()
    except OSError:
        return ""

"""How this process is set up for the tasks that it runs: what they may use of the machine."""

from __future__ import annotations

import json
import os

from .surroundings import Surroundings
from .thread_limits import ThreadLimits

UNTOUCHED = '{"threads":0,"environment":{}}'


class Equipment:
    """Environment variables and thread limits, as the engine wants them (`Outfitter` in the runtime)."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._limits = ThreadLimits()
        self._usual: dict[str, str | None] = {}
        """The variables that were changed, as they were before."""

    def change(self, text: str) -> None:
        """Sets this process up for the tasks from here on. They start with it: it is put back after each."""
        wanted = json.loads(text)
        variables: dict[str, str] = wanted["environment"]
        for name in variables:
            self._usual.setdefault(name, os.environ.get(name))
        for name, usual in self._usual.items():
            value = variables.get(name, usual)
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self._limits.set(wanted["threads"])
        self._surroundings.accept()

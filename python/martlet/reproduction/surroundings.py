"""What was around a task when it ran, and is there now: this environment, or the task's sandbox."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from . import environment
from .environment import Base, Place
from .recorded import Recorded
from .values import Environment


class Surroundings(NamedTuple):
    """What is there, and what was recorded of it."""

    place: Place
    recorded: Mapping[str, Any]
    """`python` and `packages` that an environment can be made from; empty where nothing was recorded."""
    base: Base | None
    """What such an environment is made from."""
    lacks: str = ""
    """Why it cannot run in what is there; empty where it can."""
    note: str = ""
    """What cannot be told of it."""

    def around(self, made: Place) -> Place:
        """The same around an environment that was made in place of the one that is there."""
        if self.place.activated or self.lacks:
            made = made._replace(activated=os.path.dirname(os.path.dirname(made.python)))
        return made._replace(environment=_noting(made.environment, self.note))


def find(recorded: Recorded, directory: Path) -> Surroundings:
    """`directory`: in which it ran."""
    kind, _, argument = recorded.sandbox.partition(":")
    if kind == "venv":
        return _of_venv(recorded, directory / argument)
    here = environment.here(recorded.environment)
    if kind != "shell":
        return Surroundings(here, recorded.environment, Base.ours())
    note, lacks = _of_script(recorded, directory / argument)
    place = here._replace(search=None, environment=_noting(here.environment, note))
    return Surroundings(place, {} if lacks else recorded.environment, Base.ours(), lacks, note)


def _of_venv(recorded: Recorded, folder: Path) -> Surroundings:
    then = recorded.sandboxed
    base = Base.at(folder)
    if base is not None:
        place = Place(base.python, None, base.compared(then, "sandbox"), str(folder))
        return Surroundings(place, then, base)
    lacks = f"its sandbox, the virtual environment {folder}, is not there"
    missing = environment.differences(then.get("packages") or {}, {}, {})
    place = Place("", None, Environment(str(then.get("python", "")), "", missing, "sandbox", (lacks,)))
    return Surroundings(place, then if then.get("packages") or then.get("python") else {}, None, lacks)


def _of_script(recorded: Recorded, script: Path) -> tuple[str, str]:
    """What is to be said of a script that sets a sandbox up, and why nothing can run in that; empty for nothing."""
    then = recorded.sandboxed.get("sha256")
    try:
        now = hashlib.sha256(script.read_bytes()).hexdigest()
    except OSError as error:
        return "", f"its sandbox's script {script}: {error.strerror}"
    if then and now != then:
        return f"{script.name} is not what it was; what it sets up is not recorded", ""
    return f"what {script.name} sets up is not recorded", ""


def _noting(found: Environment, note: str) -> Environment:
    return found.replaced(notes=(*found.notes, note)) if note else found


def command(words: list[str], sandbox: str, activated: str, directory: Path) -> list[str]:
    """A command within a task's sandbox, as `Sources/MartletSandbox` starts it."""
    kind, _, argument = sandbox.partition(":")
    if kind == "venv":
        path = f"PATH={activated}/bin:{os.environ.get('PATH', '')}"
        return ["env", f"VIRTUAL_ENV={activated}", path, *words]
    if kind == "shell":
        script = str(directory / argument)
        return ["bash", "-c", 'command=("$@"); set --; . "$0" || exit 125; exec -- "${command[@]}"', script, *words]
    return words

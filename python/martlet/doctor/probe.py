"""Imports an analysis in a process of its own, and tells what came of it: `python -m martlet.doctor.probe REQUEST FD`.

No run is begun, no main guard is passed: scripts are imported as modules, and whatever would begin a run ends the
import there. What is told goes to a descriptor of its own; standard output is the analysis's.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType
from typing import Any

from .. import luigi_finder, user_frames
from ..steering import definitions

Told = dict[str, Any]


def tell(roots: Sequence[tuple[str, str]], folders: Sequence[str], *, real: bool) -> Told:
    """Imports modules, given with their files. `real`: with the real luigi, as analyses of law need it."""
    sys.path[:0] = [folder for folder in folders if folder not in sys.path]
    register = _real_register() if real else _face()
    before, known = {} if real else _members(), set(sys.modules)
    endings = [_imported(module, path) for module, path in roots]
    return {
        "endings": endings,
        "tasks": [_described(cls) for cls in register() if cls.__module__.partition(".")[0] not in ("luigi", "law")],
        "modules": {
            name: module.__file__
            for name, module in list(sys.modules.items())
            if name not in known and str(getattr(module, "__file__", None)).endswith(".py")
        },
        "changes": [] if real else _changes(before),
    }


def _face() -> Callable[[], list[Any]]:
    """Puts Martlet in luigi's place; returns what gives all task classes of the analysis."""
    luigi_finder.install()
    importlib.import_module("luigi")
    from ..register import Register

    return lambda: [cls for cls in Register._reg if not cls.__module__.startswith("martlet.")]


def _real_register() -> Callable[[], list[Any]]:
    """Loads law, and takes from it the doors to a run."""
    law = importlib.import_module("law")
    interface = importlib.import_module("luigi.interface")

    def leave(*_: Any, **__: Any) -> None:
        raise definitions.RunReached

    vars(interface)["_schedule_and_run"] = leave
    vars(law)["run"] = leave
    register = importlib.import_module("luigi.task_register").Register
    return lambda: list(register._reg)


def _imported(module: str, path: str) -> Told:
    """How the import of a module ended: whole, run (it would have begun one), exit or error."""
    ending: Told = {"module": module, "ended": "whole", "cause": "", "details": ""}
    reached = True
    try:
        with definitions.only():
            _import(module, path)
            reached = False
        if reached:
            ending["ended"] = "run"
    except SystemExit as error:
        ending.update(ended="exit", cause=f"sys.exit({error.code!r})")
    except BaseException as error:  # user code
        ending.update(ended="error", cause=user_frames.one_line(error), details=user_frames.text(error))
    return ending


def _import(module: str, path: str) -> None:
    if "." in module or os.path.basename(path) == "__init__.py":
        importlib.import_module(module)
        return
    if module in sys.modules and getattr(sys.modules[module], "__file__", None) == path:
        return  # another has imported it
    # from its file: its name may be no module's, or that of an installed one
    spec = importlib.util.spec_from_file_location(module, path)
    assert spec is not None and spec.loader is not None
    loaded = sys.modules[module] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)


def _described(cls: Any) -> Told:
    return {
        "family": str(cls.get_task_family()),
        "module": cls.__module__,
        "parameters": [name for name, _ in cls.get_params()],
    }


def _members() -> Mapping[type, Mapping[str, Any]]:
    """What the classes of the face have, as it is now."""
    return {cls: dict(vars(cls)) for cls in _classes()}


def _classes() -> list[type]:
    return [
        value
        for name, module in list(sys.modules.items())
        if name.startswith("martlet.")
        for value in list(vars(module).values())
        if isinstance(value, type) and value.__module__ == name
    ]


def _changes(before: Mapping[type, Mapping[str, Any]]) -> list[Told]:
    """Functions of the analysis that have taken the place of something in a class of the face."""
    found = []
    for cls, members in before.items():
        for name, value in vars(cls).items():
            function = getattr(value, "__func__", value)
            if members.get(name) is value or not isinstance(function, FunctionType):
                continue
            code = function.__code__
            if user_frames.is_users(code.co_filename):
                home = cls.__module__.replace("martlet.luigi", "luigi")
                where = {"file": code.co_filename, "line": code.co_firstlineno}
                found.append({"name": f"{home}.{cls.__qualname__}.{name}", **where})
    return found


def main(arguments: Sequence[str]) -> None:
    """Never returns: threads and exit handlers of the analysis are not waited for."""
    request, descriptor = json.loads(arguments[0]), int(arguments[1])
    os.set_inheritable(descriptor, False)
    sys.argv[:] = [request["roots"][0][1]]
    answer = tell(request["roots"], request["folders"], real=request["real"])
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    with os.fdopen(descriptor, "w") as told:
        json.dump(answer, told)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])

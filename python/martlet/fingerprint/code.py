"""The code of a task class as a fact for reports: a fingerprint, and what it is made of."""

from __future__ import annotations

import os
import sys
from typing import Any

from ..parameters.base import NO_VALUE, ParameterVisibility
from .digest import short
from .dirtiness import Dirtiness
from .module import Module
from .pieces import pieces
from .repository import Repository

_SCRIPTS = ("__main__", "__martlet_main__")
"""What a script's module is called: as the program, and where it is executed for its classes alone."""


FORM = 2
"""Of fingerprints: a change of what counts in them is another number, and those of other forms are not compared.
1 stands in no report. 2 tells where names of other packages come from, and what modules do to tables and to others."""


class CodeFacts:
    """Facts about the classes of one run: source files are read once."""

    def __init__(self) -> None:
        self._modules: dict[str, Module | None] = {}
        self._repositories: dict[str, Repository] = {}
        self._dirtiness: dict[str, Dirtiness] = {}

    def of(self, cls: type[Any]) -> dict[str, Any]:
        """What is recorded of a task class:

        `class`: where it is defined; `fingerprint`: 16 digits that change when the code does from which its results
        come, '' where its source is not to be had; `form`: of that, see `FORM`; `files`: of each file that has a part
        in it, a digest of that part;
        `defaults`: of its parameters, as texts; `revision`: the commit that is checked out; `dirty`: which of the
        files differ from that, null where it cannot be told.
        """
        file = source_of(cls)
        if file is None:
            return {"class": f"{cls.__module__}.{cls.__qualname__}", "fingerprint": "", "defaults": defaults(cls)}
        repository = self._repository(file, cls.__module__)
        names = [name for name, _ in cls.get_params()]
        head = cls.__qualname__.partition(".")[0]
        files, sources = pieces(repository, self._modules, file, _module_name(cls, file), head, names)
        written = "\n".join(f"{name} {digest}" for name, digest in files.items())
        fact: dict[str, Any] = {
            "class": f"{repository.name(file)}:{cls.__qualname__}",
            "fingerprint": short(written),
            "form": FORM,
            "files": {name: digest[:8] for name, digest in files.items()},
            "defaults": defaults(cls),
        }
        dirtiness = self._dirtiness.get(repository.root)
        if dirtiness is None:
            dirtiness = self._dirtiness[repository.root] = Dirtiness(repository.root)
        if dirtiness.revision is not None:
            fact["revision"] = dirtiness.revision
            dirty = dirtiness.of([file, *sources])
            fact["dirty"] = None if dirty is None else [repository.name(one) for one in dirty]
        return fact

    def _repository(self, file: str, module: str) -> Repository:
        folder = os.path.dirname(file)
        known = self._repositories.get(folder)
        if known is None:
            known = self._repositories[folder] = Repository.around(file, module)
        return known


def defaults(cls: type[Any]) -> dict[str, str]:
    """The defaults of a class's significant public parameters, as texts."""
    found = {}
    for name, parameter in cls.get_params():
        default = parameter._default
        # what does not tell tasks apart has no part in their results: a folder of this machine, often
        if default is NO_VALUE or not parameter.significant or parameter.visibility != ParameterVisibility.PUBLIC:
            continue
        try:
            found[name] = str(parameter.serialize(default))
        except Exception:  # user code: then nothing can be compared
            found[name] = "(not serialisable)"
    return found


def source_of(cls: type[Any]) -> str | None:
    """The source file in which a class is defined; None where there is none."""
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    if not isinstance(file, str) or not file.endswith(".py"):
        return None
    file = os.path.abspath(file)
    return file if os.path.isfile(file) else None


def _module_name(cls: type[Any], file: str) -> str:
    """The module's full name also where it is run as a script."""
    if cls.__module__ not in _SCRIPTS:
        return cls.__module__
    spec = getattr(sys.modules[cls.__module__], "__spec__", None)
    return spec.name if spec is not None else os.path.splitext(os.path.basename(file))[0]

"""`import luigi` gives `martlet.luigi`: for scripts written for luigi.

`install()` puts a finder in front of the import system, unless MARTLET_LUIGI=real asks for the real luigi. The
distribution martlet-luigi installs one at the start of Python that hands over to the finder here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

_OURS = "martlet.luigi"


class _AliasLoader:
    """Gives the module of another name, already executed under its own.

    No importlib.abc.Loader, nor is the finder below an importlib.abc.MetaPathFinder: importing those costs 10 ms.
    """

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._spec = module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        """It has been executed; the import system has given it the alias's spec, which is taken back."""
        module.__spec__ = self._spec
        module.__loader__ = self._spec.loader if self._spec is not None else None
        module.__package__ = self._spec.parent if self._spec is not None else None

    def get_code(self, fullname: str) -> object:
        """For `python -m luigi`, and modules below it: they run as the modules that they are, and import as these."""
        return compile(_AS_ITSELF, __file__, "exec")

    def run(self, names: dict[str, Any]) -> None:
        """Executes the module as the program, whose names these are."""
        assert self._spec is not None
        loader: Any = self._spec.loader
        names.update(__spec__=self._spec, __package__=self._spec.parent, __loader__=loader)
        exec(loader.get_code(self._module.__name__), names)


_AS_ITSELF = "__loader__.run(globals())"
_LAW = (
    "law changes parts of luigi's worker and scheduler that Martlet, which stands in for luigi here, does not have. "
    "On luigi itself it runs as ever: `law run`, a script that imports law before luigi, or MARTLET_LUIGI=real. "
    "`martlet doctor SCRIPT` tells what its way to Martlet takes"
)


def _refuse_law(path: Sequence[str] | None) -> None:
    """Raises ImportError if what is about to be imported is law; other people's modules may have its name."""
    spec = PathFinder.find_spec("law", path)
    homes = (spec and spec.submodule_search_locations) or ()
    if any(os.path.isfile(os.path.join(home, "patches.py")) for home in homes):
        raise ImportError(_LAW, name="law")


def way_out_of(fullname: str) -> str:
    """What to do about a module of luigi's that Martlet does not have."""
    if fullname.startswith("luigi.contrib."):
        return (
            "Martlet stands in for luigi here, and takes those parts of luigi.contrib that it does not have from an "
            "installed luigi; no luigi with this one is installed: pip install luigi"
        )
    return (
        "Martlet stands in for luigi here and does not have this part; "
        "MARTLET_LUIGI=real uses an installed luigi instead"
    )


class LuigiFinder:
    """Resolves `luigi` and what is below it to the modules of `martlet.luigi`: the same objects under both names."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == "law":
            _refuse_law(path)
        if fullname != "luigi" and not fullname.startswith("luigi."):
            return None
        ours = _OURS + fullname[len("luigi") :]
        known = fullname in sys.modules
        try:
            module = import_module(ours)
        except ModuleNotFoundError as error:
            if error.name != ours:
                raise
            raise ModuleNotFoundError(f"No module named {fullname!r}: {way_out_of(fullname)}", name=fullname) from None
        if not known:
            # a package that imports its own modules by this name: what has become known meanwhile would be loaded anew
            sys.modules.pop(fullname, None)
        loader: Any = _AliasLoader(module)  # all that a loader must have, without the name
        spec = ModuleSpec(fullname, loader, is_package=hasattr(module, "__path__"))
        if hasattr(module, "__path__"):
            spec.submodule_search_locations = list(module.__path__)
        spec.origin = getattr(module, "__file__", None)
        return spec


def wanted() -> bool:
    """Whether `luigi` is to mean Martlet's: the environment does not ask for the real one."""
    return os.environ.get("MARTLET_LUIGI", "") != "real"


def install() -> bool:
    """Makes `import luigi` give `martlet.luigi` from now on; harmless when repeated.

    Returns False, and does nothing, if MARTLET_LUIGI=real or if another luigi has been imported already.
    """
    loaded = sys.modules.get("luigi")
    if not wanted() or (loaded is not None and loaded.__name__ != _OURS):
        return False
    if not any(isinstance(finder, LuigiFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, LuigiFinder())
    return True

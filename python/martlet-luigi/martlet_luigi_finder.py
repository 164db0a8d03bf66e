"""Runs at the start of every Python of the environment, so it imports nothing that is not loaded anyway.

The first `import luigi` (or of something below it) hands over to `martlet.luigi_finder`. An `import law` before it
leaves luigi to the real one for the rest of the process: law changes parts of luigi that Martlet does not have.
"""

import os
import sys


def _others_find(name):
    """The spec of an installed module, whoever finds it."""
    finders = [finder for finder in sys.meta_path if finder is not AtFirstUse and hasattr(finder, "find_spec")]
    return next(filter(None, (finder.find_spec(name, None) for finder in finders)), None)


def _is_law(spec):
    """Other people's modules may have that name."""
    homes = (spec and spec.submodule_search_locations) or ()
    return any(os.path.isfile(os.path.join(home, "patches.py")) for home in homes)


class AtFirstUse:
    """Stands in for the finder of Martlet until luigi is asked for."""

    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if fullname == "law" and _is_law(_others_find("law")):
            if "luigi" in sys.modules or _others_find("luigi"):
                sys.meta_path.remove(cls)
                return None
        elif fullname != "luigi" and not fullname.startswith("luigi."):
            return None
        if cls in sys.meta_path:
            sys.meta_path.remove(cls)
        try:
            from martlet.luigi_finder import LuigiFinder, install
        except ModuleNotFoundError as error:
            if error.name != "martlet":
                raise
            raise ModuleNotFoundError(
                "martlet-luigi is installed but martlet is not; install it, or set MARTLET_LUIGI=real",
                name=fullname,
            ) from None
        if not install():
            return None
        return LuigiFinder().find_spec(fullname, path, target)


def install():
    """Called by martlet_luigi.pth."""
    if AtFirstUse not in sys.meta_path:
        sys.meta_path.insert(0, AtFirstUse)

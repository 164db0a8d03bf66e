"""luigi.contrib: targets and tasks for other systems.

Those that are not here are taken from an installed luigi, and work on Martlet's classes: what they import as `luigi` is
this package.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder

from ...luigi_finder import install


def installed_beside() -> list[str]:
    """Where an installed luigi has its contrib modules; empty without one, or when `import luigi` gives that one."""
    spec = PathFinder.find_spec("luigi", sys.path)
    homes = (spec.submodule_search_locations or []) if spec else []
    # any folder may be called so; a package says that it is one
    folders = [os.path.join(home, "contrib") for home in homes]
    folders = [folder for folder in folders if os.path.isfile(os.path.join(folder, "__init__.py"))]
    return folders if folders and install() else []


# ours come first
__path__ = [*__path__, *installed_beside()]

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
    # without an origin it is a folder of that name, not a package
    homes = (spec.submodule_search_locations or []) if spec and spec.origin else []
    folders = [folder for folder in (os.path.join(home, "contrib") for home in homes) if os.path.isdir(folder)]
    return folders if folders and install() else []


# ours come first
__path__ = [*__path__, *installed_beside()]

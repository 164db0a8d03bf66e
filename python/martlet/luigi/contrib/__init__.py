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
    if not install():
        return []
    spec = PathFinder.find_spec("luigi", sys.path)
    folders = [os.path.join(folder, "contrib") for folder in (spec.submodule_search_locations or [])] if spec else []
    return [folder for folder in folders if os.path.isdir(folder)]


# ours come first
__path__ = [*__path__, *installed_beside()]

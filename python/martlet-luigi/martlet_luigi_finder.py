"""Runs at the start of every Python of the environment, so it imports nothing that is not loaded anyway.

The first `import luigi` (or of something below it) hands over to `martlet.luigi_finder`.
"""

import sys


class AtFirstUse:
    """Stands in for the finder of Martlet until luigi is asked for."""

    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        if fullname != "luigi" and not fullname.startswith("luigi."):
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

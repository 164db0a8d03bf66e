"""How the code of a run gets to its jobs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..diagnostics import Code as Kind
from ..diagnostics import Diagnostic, MartletError
from ..lazy import Lazy
from .options import Options

if TYPE_CHECKING:
    from ..bundle import Bundle

_USUAL_PACKAGES = ("threadpoolctl", "tomli")
"""What Martlet uses in jobs where it is there."""


class Code:
    """The code of a run: where it is, or in a bundle that is packed when the first job is made, once a run."""

    def __init__(self, options: Options, state: Path) -> None:
        self._options = options
        self._folder = state / "bundles"

    @property
    def travels(self) -> bool:
        """Whether jobs get it in a bundle."""
        how = self._options.bundle
        return how == "always" or (how == "auto" and self._options.batch not in (None, "local"))

    def _find_root(self) -> Path:
        from ..bundle.contents import root_of  # not needed by runs without jobs

        script = self._options.script
        return root_of(script) if script is not None else Path.cwd()

    root: Lazy[Path] = Lazy(_find_root)
    """The folder that is packed."""

    def _make_bundle(self) -> Bundle:
        import shutil  # slow to import, as what follows, which brings tar and gzip

        from .. import bundle

        options = self._options
        contents = bundle.Contents.of(self.root, options.bundle_exclude)
        usual = tuple(name for name in _USUAL_PACKAGES if _is_installed(name))
        packages = tuple(dict.fromkeys(("martlet", *usual, *options.bundle_packages)))
        try:
            packed = bundle.pack(contents, self._folder, packages)
        except bundle.BundleError as error:
            raise MartletError(Diagnostic(Kind.STATE_UNWRITABLE, str(self.root), str(error))) from None
        for name in ("bootstrap.sh", "arrival.py"):
            shutil.copyfile(Path(bundle.__file__).with_name(name), self._folder / f"{packed.digest[:32]}.{name}")
        return packed

    bundle: Lazy[Bundle] = Lazy(_make_bundle)

    def command(self) -> tuple[list[str], list[str]]:
        """What begins a job, `{job}` for its description, without the job's number, and which files that takes."""
        if not self.travels:
            return [sys.executable, "-m", "martlet", "job", "{job}"], []
        packed = self.bundle
        bootstrap, arrival = (
            str(packed.path.with_name(f"{packed.digest[:32]}.{name}")) for name in ("bootstrap.sh", "arrival.py")
        )
        words = ["/bin/sh", bootstrap, arrival, str(packed.path), packed.digest, "-", sys.executable, "{job}"]
        return words, [bootstrap, arrival, str(packed.path)]


def _is_installed(name: str) -> bool:
    from importlib.util import find_spec  # as above

    return find_spec(name) is not None

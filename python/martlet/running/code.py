"""How the code of a run gets to its jobs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
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
_FETCHING = ("arc",)
"""Batch systems that bring files from stores to their jobs."""
_BEGINNING = ("bootstrap.sh", "arrival.py")
"""What a job begins with, beside its bundle."""


class Code:
    """The code of a run: where it is, or in a bundle that is packed when the first job is made, once a run."""

    def __init__(self, options: Options, state: Path, tell: Callable[[str], None]) -> None:
        """`tell`: is given lines for whoever watches the run: what travels, and what stays behind."""
        self._options = options
        self._folder = state / "bundles"
        self._tell = tell

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
        from .. import bundle  # brings tar and gzip

        options = self._options
        usual = tuple(name for name in _USUAL_PACKAGES if _is_installed(name))
        packages = tuple(dict.fromkeys(("martlet", *usual, *options.bundle_packages)))
        try:
            contents = bundle.Contents.of(self.root, (*options.bundle_exclude, *self._own()))
            packed = bundle.pack(contents, self._folder, packages)
            for name in _BEGINNING:
                bundle.put(Path(bundle.__file__).with_name(name), packed.path.with_name(f"{packed.digest[:32]}.{name}"))
        except bundle.BundleError as error:
            raise MartletError(Diagnostic(Kind.STATE_UNWRITABLE, str(self.root), str(error))) from None
        except OSError as error:
            cause = f"the code cannot be packed: {error.strerror or error}"
            raise MartletError(Diagnostic(Kind.STATE_UNWRITABLE, str(error.filename or self._folder), cause)) from None
        for note in packed.notes:
            self._tell(note)
        return packed

    def _own(self) -> tuple[str, ...]:
        """A pattern of what the run writes itself, where that lies among the code: job descriptions know stores."""
        from glob import escape  # only for those who pack

        state = self._folder.parent.resolve()
        return (escape(str(state.relative_to(self.root))),) if state.is_relative_to(self.root) else ()

    bundle: Lazy[Bundle] = Lazy(_make_bundle)

    def sources(self) -> dict[str, str]:
        """URLs of what jobs need not be sent, since their system fetches it, by paths here. Raises MartletError."""
        name, system = self._options.bundle_store, self._options.batch
        if name is None or system not in _FETCHING or not self.travels:
            return {}
        if not _has_proxy():
            self._tell(f"the bundle goes with each job: {system} needs a proxy to fetch it from the store {name}")
            return {}
        from ..bundle import BundleError
        from ..bundle.depot import deposit
        from ..storage.stores import store

        path = self.bundle.path
        try:
            url, is_new = deposit(path, store(name).url)
        except (BundleError, LookupError, OSError) as error:
            raise MartletError(Diagnostic(Kind.BUNDLE_NOT_STORED, f"bundle_store = {name}", str(error))) from None
        self._tell(f"the bundle {'was put into' if is_new else 'is in'} the store {name}, where {system} fetches it")
        return {str(path): url}

    def place(self, entry: str) -> str:
        """A folder of `sys.path` as jobs are told of it: below `root`, if it leads there by links."""
        if not self.travels:
            return entry
        real = os.path.realpath(entry)
        return real if Path(real).is_relative_to(self.root) else entry

    def command(self) -> tuple[list[str], list[str]]:
        """What begins a job, `{job}` for its description, without the job's number, and which files that takes."""
        if not self.travels:
            return [sys.executable, "-m", "martlet", "job", "{job}"], []
        packed = self.bundle
        bootstrap, arrival = (str(packed.path.with_name(f"{packed.digest[:32]}.{name}")) for name in _BEGINNING)
        words = ["/bin/sh", bootstrap, arrival, str(packed.path), packed.digest, "-", sys.executable, "{job}"]
        return words, [bootstrap, arrival, str(packed.path)]


def _has_proxy() -> bool:
    """Whether there is one that jobs are given, where the dialect of `arc` looks for it."""
    return os.access(os.environ.get("X509_USER_PROXY") or f"/tmp/x509up_u{os.getuid()}", os.R_OK)


def _is_installed(name: str) -> bool:
    from importlib.util import find_spec  # as above

    return find_spec(name) is not None

"""Which source files are the user's own: those of the repository that a task's class is in."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

from .._bridge import real_path
from ..unchanged import Unchanged

_INSTALLED = tuple(f"{os.sep}{folder}{os.sep}" for folder in ("site-packages", "dist-packages"))
_LIBRARY = os.path.dirname(os.path.realpath(os.__file__))
_OURSELVES = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
_NOT_THE_USERS = (os.path.join(_LIBRARY, ""), os.path.join(_OURSELVES, ""))


class Repository:
    """The folder of a git repository, or, without one, that from which a module was imported."""

    def __init__(self, root: str) -> None:
        """`root`: without symbolic links in it."""
        self.root = root
        self._inside = os.path.join(root, "")
        self._files: dict[str, str | None] = {}
        self._folders: dict[str, bool] = {}
        self._names: dict[str, str] = {}
        self._real_folders: dict[str, str] = {}
        self._entries = [(entry, _listed(entry)) for entry in self._search_path()]
        self._loaded: dict[str, object] = {}

    @classmethod
    def around(cls, file: str, module: str) -> Repository:
        """The repository that a module's source file is in."""
        start = folder = os.path.dirname(real_path(file))
        while True:
            # a file in worktrees and submodules
            if os.path.exists(os.path.join(folder, ".git")):
                return cls(folder)
            above = os.path.dirname(folder)
            if above == folder:
                break
            folder = above
        # without one: where `import package.module` begins
        depth = module.count(".") if module != "__main__" else 0
        if os.path.basename(file) == "__init__.py":
            depth += 1
        for _ in range(depth):
            start = os.path.dirname(start)
        return cls(start)

    def file(self, module: str) -> str | None:
        """The source file of a module of the repository; None for any other module. Nothing is imported."""
        if module not in self._files:
            self._files[module] = self._find(module)
        return self._files[module]

    def has_folder(self, module: str) -> bool:
        """Whether a module may be a package that has no file of its own."""
        if module not in self._folders:
            found = (folder for folder in self._places(module) if os.path.isdir(folder))
            self._folders[module] = any(self.holds(folder) for folder in found)
        return self._folders[module]

    def name(self, file: str) -> str:
        """A file of the repository by its path within it."""
        name = self._names.get(file)
        if name is None:
            name = self._names[file] = below(self.root, self._real(file)).replace(os.sep, "/")
        return name

    def holds(self, file: str) -> bool:
        """Whether a file is part of it, and neither installed nor Python's or Martlet's own."""
        file = self._real(file)
        if not file.startswith(self._inside) or file.startswith(_NOT_THE_USERS):
            return False
        return not any(folder in file for folder in _INSTALLED)

    def _real(self, file: str) -> str:
        """Its path without symbolic links. Many files are of few folders, which are looked at once."""
        folder, name = os.path.split(os.path.abspath(file))
        real = self._real_folders.get(folder)
        if real is None:
            real = self._real_folders[folder] = real_path(folder)
        found = os.path.join(real, name)
        return real_path(found) if os.path.islink(found) else found

    def layout(self) -> Layout:
        """What its answers so far rest on."""
        searched = {module: file for module, file in self._files.items() if self._loaded[module] is False}
        return Layout(self.root, dict(self._loaded), searched, dict(self._folders))

    def is_laid_out(self, layout: Layout) -> bool:
        """Whether the answers that rest on it are what they were. What was searched for is searched for again."""
        return (
            self.root == layout.root
            and all(_loaded(module) == loaded for module, loaded in layout.loaded.items())
            and all(self.file(module) == file for module, file in layout.searched.items())
            and all(self.has_folder(module) == known for module, known in layout.folders.items())
        )

    def _find(self, module: str) -> str | None:
        loaded = self._loaded[module] = _loaded(module)
        if isinstance(loaded, str):
            return os.path.abspath(loaded) if loaded.endswith(".py") and self.holds(loaded) else None
        if module in sys.modules:
            return None
        for place in self._places(module):
            for candidate in (os.path.join(place, "__init__.py"), f"{place}.py"):
                if os.path.isfile(candidate):
                    return candidate if self.holds(candidate) else None
        return None

    def _places(self, module: str) -> list[str]:
        """Where a module may be, in the order in which Python looks, as far as it may be of the repository."""
        first, *_ = parts = module.split(".")
        return [
            os.path.join(entry, *parts) for entry, names in self._entries if first in names or f"{first}.py" in names
        ]

    def _search_path(self) -> list[str]:
        """Entries of the search path below which there may be files of the repository."""
        entries = dict.fromkeys(real_path(entry) for entry in sys.path)
        return [
            entry
            for entry in entries
            if os.path.join(entry, "").startswith(self._inside) or self._inside.startswith(os.path.join(entry, ""))
        ]


class Layout(NamedTuple):
    """What answers of a repository rest on."""

    root: str
    loaded: dict[str, object]
    """By module that was asked for, see `_loaded`."""
    searched: dict[str, str | None]
    """Of modules that are not loaded, the file that would be."""
    folders: dict[str, bool]
    """See `Repository.has_folder`."""


def below(root: str, path: str) -> str:
    """os.path.relpath of absolute paths without symbolic links, which are mostly those of files below the root."""
    inside = os.path.join(root, "")
    return path[len(inside) :] if path.startswith(inside) else os.path.relpath(path, root)


def _loaded(module: str) -> object:
    """The file that a module was loaded from; False where it is not loaded, None where there is none."""
    return getattr(sys.modules[module], "__file__", None) if module in sys.modules else False


def _listed(folder: str) -> frozenset[str]:
    try:
        return _folders.of(folder)
    except OSError:
        return frozenset()  # an archive, or not there


_folders = Unchanged(lambda folder: frozenset(os.listdir(folder)))

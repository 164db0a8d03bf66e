"""The files of an analysis: what was named, and all of the user's own that it imports."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..diagnostics import Code, Diagnostic, MartletError, did_you_mean
from . import luigi_names
from .source_file import Definition, SourceFile

FOREIGN = ("luigi", "law")
_EXPORTED = frozenset(name for row in luigi_names.ROWS for name in row.names)
_DEEPEST = 50
"""Of names that stand for names: a circle of imports has no end."""


class Analysis:
    """The user's files by module. Installed packages are not read."""

    def __init__(self, names: Sequence[str]) -> None:
        """`names`: scripts (`reco.py`), folders of a package, or modules (`analysis.tasks`).

        Raises MartletError for one that is not there. What cannot be parsed is kept in `unread`.
        """
        self.files: dict[str, SourceFile] = {}
        self.unread: dict[Path, str] = {}
        """By file why it could not be read."""
        self.roots: list[tuple[str, Path]] = []
        """The modules that were named, with their files."""
        self._search = [Path.cwd(), *(Path(entry) for entry in sys.path if entry and not is_installed(entry))]
        for name in names:
            self._take(name)

    @property
    def uses(self) -> set[str]:
        """Which of luigi and law is imported anywhere."""
        return {name.partition(".")[0] for file in self.files.values() for name in file.imports} & set(FOREIGN)

    def add(self, path: Path, module: str) -> None:
        """Reads a file that was found in another way, with all that it imports."""
        waiting = [(module, path)]
        while waiting:
            module, path = waiting.pop()
            if module in self.files or path in self.unread:
                continue
            try:
                file = self.files[module] = SourceFile(path, module)
            except (OSError, SyntaxError, ValueError) as error:
                self.unread[path] = f"{type(error).__name__}: {error}"
                continue
            for name in file.imports:
                waiting += self._modules(name)

    def full_name(self, name: str) -> str:
        """What a name stands for in the end: `base.Task`, where base.py imports luigi's, is `luigi.Task`."""
        for _ in range(_DEEPEST):
            further = self._one_step(name)
            if further is None:
                break
            name = further
        return name

    def definition(self, name: str) -> tuple[SourceFile, Definition] | None:
        """The class of the analysis that has this full name."""
        module, _, cls = name.rpartition(".")
        file = self.files.get(module)
        return (file, file.definitions[cls]) if file and cls in file.definitions else None

    def lineage(self, definition: Definition) -> Iterator[str | Definition]:
        """What a class derives from, the nearest first: classes of the analysis, and others by their full names."""
        seen: set[str] = set()
        waiting = list(definition.bases)
        while waiting:
            name = self.full_name(waiting.pop(0))
            if name in seen:
                continue
            seen.add(name)
            known = self.definition(name)
            if known is None:
                yield name
            else:
                yield known[1]
                waiting += known[1].bases

    def ancestors(self, definition: Definition) -> list[str]:
        """The classes of luigi and law that a class derives from, in full."""
        names = [name for name in self.lineage(definition) if isinstance(name, str)]
        return [name for name in names if name.partition(".")[0] in FOREIGN]

    def _take(self, name: str) -> None:
        path = Path(name)
        if path.is_dir():
            self._take_package(path.name, path)
        elif path.suffix == ".py" or os.sep in name:
            if not path.is_file():
                scripts = [entry.name for entry in path.parent.glob("*.py")]
                raise MartletError(Diagnostic(Code.SCRIPT_ABSENT, name, "", did_you_mean(path.name, scripts)))
            self._search.insert(0, path.parent.absolute())
            self.roots.append((path.stem, path))
            self.add(path, path.stem)
        else:
            found = self._found(name)
            if found is None:
                hint = f"check its name; it is looked for below {Path.cwd()} and in PYTHONPATH"
                raise MartletError(Diagnostic(Code.SCRIPT_ABSENT, name, "no module has this name", hint))
            if found.name == "__init__.py":
                self._take_package(name, found.parent)
            else:
                self.roots.append((name, found))
                self.add(found, name)

    def _take_package(self, name: str, folder: Path) -> None:
        """Every module below a folder; those of a folder that is no package stand for themselves."""
        is_package = (folder / "__init__.py").is_file()
        if not is_package:
            self._search.insert(0, folder.absolute())
        elif "." not in name:
            self._search.insert(0, folder.absolute().parent)
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            if any(part.startswith(".") or part == "__pycache__" for part in parts):
                continue
            parts = parts[:-1] if parts[-1] == "__init__" else parts
            module = ".".join([name, *parts] if is_package else parts)
            if module:
                self.roots.append((module, path))
                self.add(path, module)

    def _modules(self, name: str) -> Iterator[tuple[str, Path]]:
        """The user's modules along a dotted name."""
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            module = ".".join(parts[:end])
            found = self._found(module)
            if found is not None:
                yield module, found

    def _found(self, module: str) -> Path | None:
        """The file of a module of the user's."""
        parts = module.split(".")
        if not all(part.isidentifier() for part in parts) or parts[0] in FOREIGN:
            return None
        for folder in self._search:
            base = folder.joinpath(*parts)
            for path in (base.with_suffix(".py"), base / "__init__.py"):
                if path.is_file() and not is_installed(path):
                    return path
        return None

    def _one_step(self, name: str) -> str | None:
        parts = name.split(".")
        if parts[0] in FOREIGN:
            return None
        for end in range(len(parts) - 1, 0, -1):
            file = self.files.get(".".join(parts[:end]))
            if file is None:
                continue
            first, rest = parts[end], parts[end + 1 :]
            if first in file.bindings:
                return ".".join([file.bindings[first], *rest])
            if first in file.definitions:
                return None
            for home in file.stars:
                if self._has(home, first):
                    return ".".join([home, first, *rest])
            return None
        return None

    def _has(self, home: str, name: str) -> bool:
        """Whether `from home import *` gives the name."""
        if home.partition(".")[0] in FOREIGN:
            return name in _EXPORTED
        file = self.files.get(home)
        return file is not None and (name in file.definitions or name in file.bindings or bool(file.stars))


def is_installed(path: str | Path) -> bool:
    """Whether a path belongs to an installed package, to the standard library or to Martlet itself."""
    places = {os.path.abspath(path), os.path.realpath(path)}
    homes = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), str(Path(__file__).parents[1])]
    return any(
        {"site-packages", "dist-packages"} & set(Path(place).parts)
        or any(f"{place}{os.sep}".startswith(f"{os.path.realpath(home)}{os.sep}") for home in homes)
        for place in places
    )

"""Local paths for the targets that a command reads and writes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..structure import flatten
from ..targets.local import LocalTarget

if TYPE_CHECKING:
    from .staged import Staged


def targets_of(struct: Any) -> list[Any]:
    """All targets in a nested structure, those of collections too."""
    found = []
    for target in flatten(struct):
        if isinstance(target, LocalTarget):
            found.append(target)
            continue
        from ..targets.collection import TargetCollection  # not needed where all are local files

        found += targets_of(target.targets) if isinstance(target, TargetCollection) else [target]
    return found


class Places:
    """A local target is where it is. One in a store is given a path in a folder of the command's own."""

    def __init__(self, family: str, plainly: bool) -> None:
        """`plainly`: for people, who are told where it lies."""
        self._family = family
        self._plainly = plainly
        self._folder = ""
        self._fetched: dict[str, str] = {}
        self._stored: list[tuple[str, str]] = []

    def of_input(self, target: Any, where: str) -> str:
        """The path to read; `where` says what holds the target. Raises TypeError for what is no file."""
        path = self._here(target)
        if path is not None:
            return path
        url = self._url(target, where)
        if self._plainly:
            return str(target)
        if url not in self._fetched:
            self._fetched[url] = self._path(len(self._fetched), "in", target)
        return self._fetched[url]

    def of_output(self, target: Any) -> str:
        """The path that the output has in the end, or is stored from. Raises TypeError for what is no file."""
        path = self._here(target)
        if path is not None:
            return path
        url = self._url(target, "output")
        if self._plainly:
            return str(target)
        path = self._path(len(self._stored), "out", target)
        self._stored.append((path, url))
        return path

    def holds(self, path: str) -> bool:
        """Whether a path is one of those that files of stores are given."""
        return bool(self._folder) and path.startswith(f"{self._folder}/")

    def staged(self) -> Staged | None:
        """What is to be fetched and stored; None where nothing is."""
        if not self._folder:
            return None
        from .staged import Staged

        return Staged(self._folder, list(self._fetched.items()), self._stored)

    @staticmethod
    def _here(target: Any) -> str | None:
        if isinstance(target, LocalTarget):
            return target.path
        from ..targets.directory import DirectoryTarget

        return target.path if isinstance(target, DirectoryTarget) and target.is_local else None

    def _url(self, target: Any, where: str) -> str:
        from ..targets.file import FileTarget

        if isinstance(target, FileTarget):
            return target.path
        raise TypeError(
            f"{self._family}: {where} holds {target!r:.80}: commands read and write files; fetch or send it in a task "
            "of its own"
        )

    def _path(self, number: int, kind: str, target: Any) -> str:
        if not self._folder:
            from tempfile import gettempdir

            self._folder = os.path.join(gettempdir(), f"martlet-command-{os.urandom(8).hex()}")
        return os.path.join(self._folder, f"{kind}{number}", target.basename or "content")

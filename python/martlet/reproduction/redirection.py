"""Outputs of one task that lie elsewhere than the task says: in a folder of scratch.

Whatever makes a target of one of these places (`output()`, `run()`, a helper of the user's) gets one that lies in the
folder. All else lies where it does.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..structure import flatten
from ..targets import location
from ..targets.collection import TargetCollection
from ..targets.directory import DirectoryTarget
from ..targets.local import LocalTarget
from ..targets.mirrored import MirroredTarget
from ..targets.optional import OptionalTarget
from ..targets.remote import RemoteTarget


class Redirection:
    """Places, and where they are instead."""

    def __init__(self, folder: Path, origin: Path | None = None, checkout: Path | None = None) -> None:
        """`origin`, `checkout`: a repository, and the other working tree of it from which the code comes. What the code
        looks for beside itself, and which no commit has, is found in the repository."""
        self._folder = folder
        self._origin = None if origin is None else str(origin)
        self._checkout = None if checkout is None else str(checkout)
        self._places: dict[str, str] = {}
        self._parents: dict[str, str] = {}
        self._wrapped: list[tuple[Any, Any]] = []

    def add(self, targets: Iterable[Any]) -> None:
        """Takes the places of these targets for places of the task."""
        for target in plain(targets):
            for place in _places(target):
                self._take(place)

    @property
    def places(self) -> dict[str, str]:
        """By the place that the task names, as an absolute path or URL, where it is instead."""
        return self._places

    def _take(self, place: str) -> None:
        original = self.original(place)
        if original in self._places or original.startswith(os.path.join(str(self._folder), "")):
            return
        parent = location.parent(original)
        # siblings stay siblings
        below = self._parents.setdefault(parent, str(len(self._parents)))
        self._places[original] = str(self._folder / below / location.name(original))

    def original(self, place: str) -> str:
        """A place without what is special here: absolute, and in the repository where it is in the checkout."""
        if location.is_remote(place):
            return place
        path = os.path.abspath(location.without_file(place))
        if self._checkout and self._origin and path.startswith(self._checkout + os.sep):
            return self._origin + path[len(self._checkout) :]
        return path

    def place(self, place: str) -> str:
        """Where a place is."""
        original = self.original(place)
        if original in self._places:
            return self._places[original]
        for own, elsewhere in self._places.items():
            if original.startswith(own + "/"):
                return elsewhere + original[len(own) :]
        if not location.is_remote(place):
            path = os.path.abspath(location.without_file(place))
            if path != original and not os.path.lexists(path):
                return original
        return place

    def install(self) -> None:
        """Targets are made in their places from here on."""
        for kind in (LocalTarget, RemoteTarget, DirectoryTarget):
            self._wrap(kind)

    def end(self) -> None:
        """Targets lie again where they say: what was made before can be looked at."""
        for kind, make in self._wrapped:
            kind.__init__ = make
        self._wrapped.clear()

    def _wrap(self, kind: Any) -> None:
        make = kind.__init__
        self._wrapped.append((kind, make))

        @functools.wraps(make)
        def made(target: Any, *args: Any, **kwargs: Any) -> None:
            make(target, *args, **kwargs)
            target.path = self.place(target.path)

        kind.__init__ = made

    def apply(self, targets: Iterable[Any]) -> None:
        """Moves targets that were made before. Raises TypeError for one that stays where it is."""
        for target in plain(targets):
            for part in (target, *_parts(target)):
                if isinstance(getattr(part, "path", None), str):
                    part.path = self.place(part.path)
            places = _places(target)
            inside = os.path.join(str(self._folder), "")
            if not places or not all(place.startswith(inside) for place in places):
                why = "it is no file or directory that Martlet knows"
                raise TypeError(f"{target!r:.100} cannot be made elsewhere: {why}")


def plain(targets: Iterable[Any]) -> list[Any]:
    """Targets without those that hold others."""
    found: list[Any] = []
    for target in targets:
        if isinstance(target, TargetCollection):
            found += plain(flatten(target.targets))
        elif isinstance(target, OptionalTarget):
            found += plain([target.target])
        else:
            found.append(target)
    return found


def _parts(target: Any) -> tuple[Any, ...]:
    return (target.target, target.mirror) if isinstance(target, MirroredTarget) else ()


def _places(target: Any) -> list[str]:
    """All that is written when a target is."""
    if isinstance(target, MirroredTarget):
        return [place for part in _parts(target) for place in _places(part)]
    if isinstance(target, (LocalTarget, RemoteTarget, DirectoryTarget)):
        return [target.path]
    return []

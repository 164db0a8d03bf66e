"""Many targets as one: an output of thousands of files, of which perhaps not all are needed."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..structure import flatten
from . import location
from .base import Target
from .directory import DirectoryTarget
from .file import wrong_mode
from .optional import OptionalTarget
from .presence import presence


class TargetCollection(Target):
    """Targets in a list or a dict; each may itself be a list or dict of targets, that is there when all of them are.

    It is there when enough of its targets are. They are looked at all at once.
    """

    __iter__: Any = None  # it is one output, not many

    def __init__(self, targets: Any, threshold: float = 1.0) -> None:
        """
        :param threshold: how many of them must be there: a number above 1, or a fraction up to 1; a negative number
            says how many may lack.

        Raises ValueError for a threshold that is no finite number.
        """
        if not math.isfinite(threshold):
            raise ValueError(f"a threshold is a number, not {threshold}")
        if not isinstance(targets, (dict, list, tuple)):
            targets = list(targets)
        self.targets = targets
        self.threshold = threshold
        members = [flatten(item) for item in self._items()]
        for target in (target for member in members for target in member):
            if not isinstance(target, Target):
                raise TypeError(f"a collection holds targets, not {type(target).__name__} {target!r:.80}")
        self._members: list[list[Target]] = members

    def _items(self) -> list[Any]:
        return list(self.targets.values() if isinstance(self.targets, dict) else self.targets)

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, key: Any) -> Any:
        return self.targets[key]

    def keys(self) -> list[Hashable]:
        """The keys of the dict, or the positions in the list."""
        return list(self.targets) if isinstance(self.targets, dict) else list(range(len(self.targets)))

    @property
    def needed(self) -> int:
        """How many must be there."""
        return needed(len(self), self.threshold)

    @property
    def first_target(self) -> Any:
        """The first of all."""
        return flatten(self.targets)[0]

    # ---- what is there

    def bulk_locations(self) -> Sequence[str] | None:
        """The places that are to be looked at; None when one of the targets has to be asked itself."""
        places: list[str] = []
        for target in flatten(self.targets):
            asked = target.bulk_locations()
            if asked is None:
                return None
            places += asked
        return places

    def is_there(self, found: Sequence[bool]) -> bool:
        """Whether enough is there, if these of `bulk_locations()` are."""
        there, position = [], 0
        for target in flatten(self.targets):
            count = len(target.bulk_locations() or ())
            there.append(target.is_there(found[position : position + count]))
            position += count
        return sum(self._complete(there)) >= self.needed

    def presence(self) -> dict[Hashable, bool]:
        """Of each key, whether what it stands for is there: one look for all."""
        return dict(zip(self.keys(), self._complete(self._look(flatten(self.targets)))))

    def _complete(self, flags: Sequence[bool]) -> list[bool]:
        """Whether all targets of each key have their flag."""
        complete, position = [], 0
        for member in self._members:
            complete.append(all(flags[position : position + len(member)]))
            position += len(member)
        return complete

    def _look(self, targets: Sequence[Target]) -> Sequence[bool]:
        return presence(targets)

    def exists(self) -> bool:
        return self.count() >= self.needed

    def count(self, existing: bool = True) -> int:
        """How many are there, or not there."""
        return sum(there == existing for there in self.presence().values())

    def missing(self) -> list[Hashable]:
        """The keys of those that are not there."""
        return [key for key, there in self.presence().items() if not there]

    def existing(self) -> dict[Hashable, Any]:
        """Those that are there, by their keys."""
        return {key: self.targets[key] for key, there in self.presence().items() if there}

    # ---- all at once

    def remove(self) -> None:
        """Removes all that are there."""
        targets = [target.target if isinstance(target, OptionalTarget) else target for target in flatten(self.targets)]
        for target, there in zip(targets, self._look(targets)):
            if there:
                target.remove()

    def map(self, function: Callable[[Any], Any]) -> Any:
        """What `function` makes of each target, in the same structure."""
        return _mapped(self.targets, function)

    @contextmanager
    def localize(self, mode: str = "r") -> Iterator[Any]:
        """Local files in their places, in the same structure, within a `with` block; see `FileTarget.localize`.

        Files of stores are fetched before ("r") or stored after ("w") the block many at a time. When not all are
        needed, "r" gives those that are there, and "w" stores those that were written, if they are enough.
        """
        from .staging import fetched, stored  # not needed by those who only look

        if mode == "r":
            targets = self.targets
            if self.needed < len(self):
                found = self.existing()
                targets = found if isinstance(targets, dict) else list(found.values())
            with fetched(flatten(targets)) as local:
                yield _filled(targets, iter(local))
        elif mode == "w":
            with stored(flatten(self.targets), self._check_written) as local:
                yield _filled(self.targets, iter(local))
        else:
            raise wrong_mode(mode)

    def _check_written(self, written: Sequence[bool]) -> None:
        fine = [there or isinstance(target, OptionalTarget) for there, target in zip(written, flatten(self.targets))]
        complete = self._complete(fine)
        if sum(complete) < self.needed:
            lacking = [repr(key) for key, is_written in zip(self.keys(), complete) if not is_written]
            more = f" and {len(lacking) - 10} more" if len(lacking) > 10 else ""
            raise FileNotFoundError(f"nothing was written for {', '.join(lacking[:10])}{more} of {self!r}")

    def load(self, filetype: str | None = None, **options: Any) -> Any:
        """What the files hold, in the same structure; all are fetched at once."""
        from .. import filetypes

        with self.localize("r") as local:
            return _mapped(local, lambda target: filetypes.of(target.path, filetype).load(target.path, **options))

    def dump(self, content: Any, filetype: str | None = None, **options: Any) -> None:
        """Writes objects, given in the same structure (of a dict some keys will do); all are stored at once."""
        from .. import filetypes

        def write(local: Any, objects: Any) -> None:
            if isinstance(local, (dict, list)):
                for key in objects if isinstance(local, dict) else range(len(objects)):
                    write(local[key], objects[key])
            else:
                filetypes.of(local.path, filetype).dump(objects, local.path, **options)

        with self.localize("w") as places:
            write(places, content)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TargetCollection):
            return NotImplemented
        return self.targets == other.targets and self.threshold == other.threshold

    def __hash__(self) -> int:
        return hash(tuple(flatten(self.targets)))

    def __repr__(self) -> str:
        some = "" if self.threshold == 1 else f", threshold={self.threshold:g}"
        return f"{type(self).__name__}({len(self)} targets{some})"


def needed(total: int, threshold: float) -> int:
    """How many of so many a threshold asks for: a number above 1, a fraction up to 1, all but so many below 0."""
    if threshold < 0:
        return max(0, total + int(threshold))
    if threshold <= 1:
        exact = total * threshold
        return min(total, int(exact) + (exact - int(exact) > 1e-9))  # 0.7 of 10 is 7
    return min(total, math.ceil(threshold))


class SiblingCollection(TargetCollection):
    """Files of one directory: thousands of them are looked at by one listing."""

    def __init__(self, targets: Any, threshold: float = 1.0) -> None:
        """Raises ValueError when they do not all lie in one directory. `threshold`: as of TargetCollection."""
        super().__init__(targets, threshold)
        places = {location.parent(target.path) for target in flatten(self.targets)}
        if len(places) > 1:
            few = ", ".join(location.shown(place) for place in sorted(places)[:3])
            raise ValueError(f"siblings lie in one directory, these in {few}")
        self.directory = DirectoryTarget(places.pop()) if places else None
        """The one they lie in; None when there are none."""

    @classmethod
    def from_directory(cls, directory: Any, pattern: str = "*", threshold: float = 1.0) -> SiblingCollection:
        """The files that a directory has now, by their names. `directory`: a target, a path or a URL."""
        place = DirectoryTarget(directory)
        return cls({name: place.child(name) for name in place.listdir(pattern, "f")}, threshold)

    def _look(self, targets: Sequence[Target]) -> Sequence[bool]:
        if self.directory is None or any(target.bulk_location() is None for target in targets):
            return super()._look(targets)
        try:
            names = set(self.directory.listdir())
        except Exception as error:  # StorageError too, which is not imported where all is local
            if not (isinstance(error, FileNotFoundError) or getattr(error, "kind", "") == "absent"):
                raise
            names = set()
        return [location.name(target.path) in names for target in targets]  # type: ignore[attr-defined]


def _mapped(struct: Any, function: Callable[[Any], Any]) -> Any:
    if isinstance(struct, dict):
        return {key: _mapped(value, function) for key, value in struct.items()}
    if isinstance(struct, (list, tuple)):
        return [_mapped(item, function) for item in struct]
    return function(struct)


def _filled(struct: Any, values: Iterator[Any]) -> Any:
    """The same structure with these in the places of its targets, in order."""
    return _mapped(struct, lambda _: next(values))

"""Local places for many targets at once: what lies in stores is fetched, or stored, together."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from .directory import DirectoryTarget
from .local import LocalFileSystem, LocalTarget
from .optional import OptionalTarget
from .remote import RemoteTarget
from .temporary import temporary_name

_FILES = LocalFileSystem()


def _itself(target: Any) -> Any:
    return target.target if isinstance(target, OptionalTarget) else target


class _Scratch:
    """A folder for what is not on this machine; it is made when something needs it, and goes with the `stack`."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._folder = ""

    def path(self, number: int, target: Any) -> str:
        """A path for a target, with its name."""
        if not self._folder:
            self._folder = self._stack.enter_context(TemporaryDirectory(prefix="martlet-"))
        within = os.path.join(self._folder, str(number))
        os.mkdir(within)
        return os.path.join(within, target.basename or "content")


@contextmanager
def fetched(targets: Sequence[Any]) -> Iterator[list[Any]]:
    """Local files and directories with the content of targets, within a `with` block.

    All targets must be there, but for optional ones.
    """
    with ExitStack() as stack:
        scratch = _Scratch(stack)
        local: list[Any] = []
        pairs = []
        for number, given in enumerate(targets):
            target = _itself(given)
            if target is not given and not given.is_present():
                local.append(LocalTarget(scratch.path(number, target)))
            elif type(target) is RemoteTarget:
                path = scratch.path(number, target)
                pairs.append((target.path, path))
                local.append(LocalTarget(path, target.format))
            else:
                local.append(stack.enter_context(target.localize("r")))
        if pairs:
            RemoteTarget.fs.fetch(pairs)
        yield local


@contextmanager
def stored(targets: Sequence[Any], check: Callable[[Sequence[bool]], None]) -> Iterator[list[Any]]:
    """Local files and directories to fill, within a `with` block; at its end they become the targets.

    After an exception none does. `check` is told which were written, and raises if these are not enough; those that
    were not are left out.
    """
    own = [_itself(target) for target in targets]
    with ExitStack() as stack:
        scratch = _Scratch(stack)
        places = [_place(scratch, number, target) for number, target in enumerate(own)]
        try:
            yield [_to_fill(target, place) for target, place in zip(own, places)]
            written = [os.path.lexists(place.path) for place in places]
            check(written)
            _settle([pair for pair, is_written in zip(zip(own, places), written) if is_written])
        finally:
            for place in places:
                if place.is_beside and os.path.lexists(place.path):
                    _FILES.remove(place.path)


class _Place(NamedTuple):
    """Where what becomes a target is written."""

    path: str
    is_beside: bool
    """It is a temporary path beside a local target, that only needs its name."""


def _place(scratch: _Scratch, number: int, target: Any) -> _Place:
    if isinstance(target, LocalTarget) or (isinstance(target, DirectoryTarget) and target.is_local):
        path = temporary_name(target.path)
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        return _Place(path, True)
    return _Place(scratch.path(number, target), False)


def _to_fill(target: Any, place: _Place) -> Any:
    if isinstance(target, DirectoryTarget):
        os.mkdir(place.path)
        return DirectoryTarget(place.path)
    return LocalTarget(place.path, target.format)


def _settle(pairs: Sequence[tuple[Any, _Place]]) -> None:
    """Gives what was written its place: stores first, which are more likely to refuse."""
    remote = [(place.path, target.path) for target, place in pairs if type(target) is RemoteTarget]
    if remote:
        RemoteTarget.fs.store(remote)
    for target, place in pairs:
        if place.is_beside:
            _FILES.commit(place.path, target.path)
        elif type(target) is not RemoteTarget:
            target.copy_from_local(place.path)

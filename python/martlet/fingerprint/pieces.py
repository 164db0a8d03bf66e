"""What a task class is made of, found once a process as long as it rests on the same files and modules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from . import shelf
from .closure import Closure
from .module import Module
from .repository import Layout, Repository


class Pieces(NamedTuple):
    """The code of one class. Shared by all runs of the process: nobody may change it."""

    files: dict[str, str]
    """See `Closure.files`."""
    sources: list[str]


class _Found(NamedTuple):
    pieces: Pieces
    layout: Layout
    examined: dict[str, tuple[str, Module]]
    """By path, the package and what the file defined: the same object as long as the file is the same."""


_found: dict[tuple[str, str, str, Sequence[str]], _Found] = {}
"""By file, module, name of the class, and names of its parameters."""


def pieces(
    repository: Repository,
    modules: dict[str, Module | None],
    file: str,
    module: str,
    name: str,
    parameters: Sequence[str],
) -> Pieces:
    """The code of the class `name`. See `Closure` for `modules`, and `Closure.add_task` for what follows it."""
    key = (file, module, name, tuple(parameters))
    before = _found.get(key)
    if before is not None and repository.is_laid_out(before.layout) and _are_unchanged(before.examined):
        return before.pieces
    closure = Closure(repository, modules)
    closure.add_task(file, module, name, parameters)
    found = Pieces(closure.files(), closure.sources)
    examined = closure.examined
    if examined is not None:
        _found[key] = _Found(found, repository.layout(), examined)
    return found


def _are_unchanged(examined: dict[str, tuple[str, Module]]) -> bool:
    try:
        return all(shelf.module(path, package) is known for path, (package, known) in examined.items())
    except (OSError, SyntaxError, ValueError):
        return False

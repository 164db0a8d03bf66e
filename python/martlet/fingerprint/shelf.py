"""What source files define, kept from run to run as long as they are not changed."""

from __future__ import annotations

import json
import os

from ..unchanged import is_settled
from .digest import sha256
from .module import Module

_FORM = 2
"""Of what is kept, and of what it is taken from: a change of either is another number."""
_at_hand: dict[tuple[str, str], tuple[list[object], Module]] = {}
"""The same by path and package, for the next run of this process: what was kept need not be read again."""


def folder(name: str = f"fingerprint-{_FORM}") -> str:
    """Where things of this name are kept: a cache that may be deleted at any time."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "martlet", name)


def module(path: str, package: str) -> Module:
    """What a source file defines. `package`: the full name of the package that it is in; empty for none.

    Raises OSError where it cannot be read, SyntaxError and ValueError where it is no Python.
    """
    status = os.stat(path)
    key = [package, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
    at_hand = _at_hand.get((path, package))
    if at_hand is not None and at_hand[0] == key:
        return at_hand[1]
    kept = os.path.join(folder(), sha256(os.fsencode(path))[:32] + ".json")
    known = _read(kept, key)
    if known is not None:
        _at_hand[path, package] = key, known
        return known
    settled = is_settled(status)
    from .examination import examine  # `ast` is slow to import, and seldom needed

    with open(path, "rb") as file:
        examined = examine(file.read(), package)
    if settled:
        _at_hand[path, package] = key, examined
        _write(kept, key, examined)
    return examined


def _read(kept: str, key: list[object]) -> Module | None:
    """What is kept under a name; None where that is nothing, of another state of the file, or damaged."""
    try:
        with open(kept, "rb") as file:
            content = json.loads(file.read())
        return Module.of(content["module"]) if content["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _write(kept: str, key: list[object], examined: Module) -> None:
    keep(kept, json.dumps({"key": key, "module": examined.plain()}, separators=(",", ":")))


def keep(kept: str, text: str) -> None:
    """Keeps a text under the name of a file; a cache that cannot be written is none."""
    temporary = f"{kept}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(kept), exist_ok=True)
        with open(temporary, "w", encoding="ascii") as file:
            file.write(text)
        os.replace(temporary, kept)
    except (OSError, UnicodeError):
        try:
            os.unlink(temporary)
        except OSError:
            pass  # it was never made

"""A bundle in a store, once, for systems whose jobs fetch their files from there."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import quote

from ..storage import Kind, StorageError, calls
from ..targets import location as locations
from .arrival import BundleError

FOLDER = "bundles"
"""Where they lie in the store."""
_SCHEMES = {
    "http": "http", "dav": "http", "https": "https", "davs": "https", "root": "root", "xroot": "root",
}  # fmt: skip
"""Schemes of stores, and how those who fetch call them: with the credentials of a job, or without any."""


def deposit(file: Path, store: str) -> tuple[str, bool]:
    """The URL at which others can fetch a file, and whether it had to be sent there: one with its content may be there.

    :param store: where the store lies.

    Raises BundleError for a store that others cannot fetch from, StorageError, OSError.
    """
    scheme = _SCHEMES.get(locations.scheme(store))
    if scheme is None:
        known = ", ".join(f"{name}://" for name in _SCHEMES)
        raise BundleError(f"{locations.shown(store)} is no store that jobs are brought files from: {known} are")
    content = file.read_bytes()
    place = locations.join(store, FOLDER, f"{hashlib.sha256(content).hexdigest()}.tar.gz")
    is_there = _has(place, len(content))
    if not is_there:
        calls.value(calls.store([(file, place)])[0])
    root, path = locations.split(place)
    return f"{scheme}{root[len(locations.scheme(place)) :]}{quote(path)}", not is_there


def _has(place: str, size: int) -> bool:
    """Whether the store has it. What has another size was left by somebody who could not write it in one step."""
    status = calls.stat([place])[0]
    if isinstance(status, StorageError):
        if status.kind == Kind.ABSENT:
            return False
        raise status
    return status.size == size

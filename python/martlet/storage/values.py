"""What stores say of files."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

Progress = Callable[[int, int, int, int], object]
"""Called with bytes done, bytes in all as far as known, files done, files in all."""


class FileStatus(NamedTuple):
    """What a store says of a file or directory."""

    size: int
    """Bytes; 0 for directories where the store has no number for them."""
    modified: int = 0
    """Nanoseconds since 1970-01-01 UTC; 0 where the store does not say."""
    is_directory: bool = False


class DirectoryEntry(NamedTuple):
    """What a listing says of something inside a directory."""

    name: str
    is_directory: bool = False
    size: int | None = None
    """Bytes; None where a listing does not tell."""
    modified: int | None = None
    """Nanoseconds since 1970-01-01 UTC; None where a listing does not tell."""


class Checksum(NamedTuple):
    """A digest with the name of its algorithm, e.g. `adler32`, as lower-case hexadecimal."""

    algorithm: str
    digest: str


class UnfinishedUpload(NamedTuple):
    """An upload that was begun and neither completed nor given up, in a store that shows nobody what it holds."""

    target: str
    """What it would become."""
    temporary: str
    """What `delete` gives it up by."""
    size: int
    """Bytes that the store keeps of it."""
    modified: int = 0
    """Nanoseconds since 1970-01-01 UTC: when something of it arrived last; 0 where the store does not say."""


class Transfer(NamedTuple):
    """A file that goes between a store and a local path."""

    target: str
    """In the store."""
    local: str
    """Here; absolute."""
    partial: str
    """Where what is fetched is kept until it is whole, beside `local`. Not used on the way there."""

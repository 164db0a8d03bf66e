"""The file target for a place: which class that is, its scheme says."""

from __future__ import annotations

from typing import Any

from . import location
from .file import FileTarget
from .local import LocalTarget


def file_at(place: Any, format: Any = None) -> FileTarget:
    """A LocalTarget for a path or a `file://` URL, a RemoteTarget for any other URL."""
    text = place if place.__class__ is str else str(place)
    if "://" not in text or not location.is_remote(text):
        return LocalTarget(location.without_file(text), format)
    from .remote import RemoteTarget  # not needed where all is local

    return RemoteTarget(text, format)

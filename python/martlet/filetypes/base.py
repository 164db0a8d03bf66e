"""What every file type is, and what is said when one cannot do its work."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol


class FileType(Protocol):
    """How objects become files of a kind, and files objects. A module with these two functions is one.

    Both are given the path of a local file whose name ends as the file's own does. A dump may write it in as many steps
    as it likes: whoever calls it gives a temporary path.
    """

    def load(self, path: str, **options: Any) -> Any:
        """The object that the file holds."""

    def dump(self, obj: Any, path: str, **options: Any) -> None:
        """Writes the object."""


class UnknownFileType(LookupError):
    """Nothing is known of files that are called so."""


class UnfitContent(ValueError):
    """The object cannot be kept in a file of this type, or the file holds what it should not."""


def package(name: str, files: str, install: str = "") -> Any:
    """The module `name`, which `files` ("ROOT files") need. ImportError that says what to install where it lacks."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or name.partition(".")[0] != error.name.partition(".")[0]:
            raise  # it is there, and lacks something itself
        missing = name.partition(".")[0]
        raise ImportError(
            f"{files} need the package {missing}, which is not installed: pip install {install or missing}", name=name
        ) from None

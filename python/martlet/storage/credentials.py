"""What a store's settings say of a secret, or where they say that it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .errors import Kind, StorageError


def secret(settings: Mapping[str, Any], name: str, subject: str) -> str | None:
    """The text of `NAME_file`, of the variable that `NAME_env` names, or of `NAME`; None where none is given.

    Raises StorageError about `subject` where there should be one.
    """
    if (file := settings.get(f"{name}_file")) is not None:
        try:
            return Path(file).expanduser().read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            words = getattr(error, "strerror", None) or str(error)
            raise StorageError(Kind.DENIED, subject, f"{name}_file {file} cannot be read: {words}") from error
    if (variable := settings.get(f"{name}_env")) is not None:
        if variable not in os.environ:
            raise StorageError(Kind.DENIED, subject, f"{name}_env names {variable}, which is not set")
        return os.environ[variable]
    given = settings.get(name)
    return None if given is None else str(given)

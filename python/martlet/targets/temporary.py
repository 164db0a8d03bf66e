"""Names of files that are being written."""

from __future__ import annotations

import os
from itertools import count

from .. import fail_points

_token = ""
_numbers = count()
_LONGEST_NAME = 255
"""Bytes a file name may have on the file systems of the field."""


def temporary_name(path: str) -> str:
    """A path in the same directory that no other process or attempt uses: `.stem.tmp-token-number.suffix`.

    The dot hides it from patterns such as `*.root`; the suffix stays, since many libraries choose the format by it.
    The token is random and renewed after a fork; trailing slashes are dropped.
    """
    if fail_points.armed and fail_points.skips("target.name"):
        return path
    token = _token or _renew()
    directory, slash, name = path.rstrip("/").rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    if not stem:
        stem, dot, suffix = name, "", ""
    middle = f".tmp-{token}-{next(_numbers)}"
    if len(name) > _LONGEST_NAME // 4:  # a character takes up to four bytes
        room = _LONGEST_NAME - 1 - len((middle + dot + suffix).encode())
        stem = stem.encode()[: max(room, 0)].decode(errors="ignore")
    return f"{directory}{slash}.{stem}{middle}{dot}{suffix}"


def _renew() -> str:
    global _token
    _token = os.urandom(6).hex()
    return _token


def _forget() -> None:
    global _token
    _token = ""


os.register_at_fork(after_in_child=_forget)

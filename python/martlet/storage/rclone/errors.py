"""What rclone says went wrong, as errors of storage."""

from __future__ import annotations

from ..errors import StorageError

_ABSENT = 404
# rclone has no codes but for absence: these are words of its own, of its back ends' and of the operating system's; the
# first that is found counts
_IN_WORDS = {
    "didn't find section in config file": "unsupported",
    "is a directory not a file": "unsupported",
    "is a file not a directory": "absent",
    "not a directory": "absent",
    "no such file or directory": "absent",
    "not empty": "unsupported",
    "not supported": "unsupported",
    "corrupted on transfer": "corrupt",
    "no space left": "full",
    "quota": "full",
    "insufficient storage": "full",
    "insufficient_space": "full",
    "unable to authenticate": "denied",
    "permission denied": "denied",
    "access denied": "denied",
    "accessdenied": "denied",
    "unauthorized": "denied",
    "forbidden": "denied",
    "read-only file system": "denied",
}


def told(status: int, words: str, subject: str) -> StorageError:
    """What a call answered. What nobody has a word for is transient, never absence."""
    low = words.lower()
    kind = "absent" if status == _ABSENT else next((own for part, own in _IN_WORDS.items() if part in low), "transient")
    return StorageError(kind, subject, words)

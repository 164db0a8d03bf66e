"""Why a store could not do what was asked."""

from __future__ import annotations

import errno
from enum import Enum
from typing import Any


class Kind(str, Enum):
    """The classes of errors, as `StorageError.Class` in the engine."""

    ABSENT = "absent"
    """The store says that nothing is there."""
    DENIED = "denied"
    """The store refuses us: permissions, credentials."""
    TRANSIENT = "transient"
    """Worth another try later: timeouts, broken connections, overload."""
    FULL = "full"
    """No space or quota left."""
    CORRUPT = "corrupt"
    """What was read is not what was written."""
    UNSUPPORTED = "unsupported"
    """This store cannot do that."""


_SENTENCES = {
    Kind.ABSENT: "there is nothing",
    Kind.DENIED: "access was refused",
    Kind.TRANSIENT: "the store could not be reached, or could not answer",
    Kind.FULL: "no space is left",
    Kind.CORRUPT: "what arrived is not what was sent",
    Kind.UNSUPPORTED: "the store cannot do that",
}
_WAYS_OUT = {
    Kind.ABSENT: "run the task that makes {subject}, or check the path",
    Kind.DENIED: "check the permissions of {subject}, or renew your credentials: token, proxy, password",
    Kind.TRANSIENT: "run again when the store answers: what is complete is kept",
    Kind.FULL: "free some space or raise the quota where {subject} lies, and run again: what is complete is kept",
    Kind.CORRUPT: "run again; if it stays so, remove {subject} and run the task that makes it",
    Kind.UNSUPPORTED: "",
}
_NUMBERS = {
    Kind.ABSENT: errno.ENOENT,
    Kind.DENIED: errno.EACCES,
    Kind.TRANSIENT: errno.EREMOTEIO,  # as trouble with storage, which has retries of its own
    Kind.FULL: errno.ENOSPC,
    Kind.CORRUPT: errno.EBADMSG,
    Kind.UNSUPPORTED: errno.EOPNOTSUPP,
}


class StorageError(OSError):
    """A store's refusal: of which class, of what, and in the store's words. No credentials are in it.

    An OSError, with the errno that a local file system would give: `except OSError` catches both.
    """

    def __init__(self, kind: Kind | str, subject: str, message: str = "") -> None:
        self.kind = Kind(kind)
        self.subject = subject
        """The location, without credentials."""
        self.message = message
        """The store's own words; may be empty."""
        super().__init__(_NUMBERS[self.kind], _SENTENCES[self.kind], subject)

    @property
    def way_out(self) -> str:
        """What the user can do."""
        return _WAYS_OUT[self.kind].format(subject=self.subject or "the store")

    def __str__(self) -> str:
        parts = [self.subject, _SENTENCES[self.kind], self.message]
        return ": ".join([part for part in parts if part])

    def __repr__(self) -> str:
        return f"StorageError({self.kind.value!r}, {self.subject!r}, {self.message!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, StorageError):
            return NotImplemented
        return (self.kind, self.subject, self.message) == (other.kind, other.subject, other.message)

    def __hash__(self) -> int:
        return hash((self.kind, self.subject, self.message))

    def __reduce__(self) -> tuple[Any, ...]:
        return StorageError, (self.kind.value, self.subject, self.message)

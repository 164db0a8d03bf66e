"""What kind of failure an exception is."""

from __future__ import annotations

import errno

from ..command.error import CommandError
from .outcome import Kind

_TRANSIENT = {
    errno.EIO,
    errno.ESTALE,
    errno.ETIMEDOUT,
    errno.ECONNRESET,
    errno.ECONNREFUSED,
    errno.ECONNABORTED,
    errno.EHOSTUNREACH,
    errno.ENETUNREACH,
    errno.ENETDOWN,
    errno.EREMOTEIO,
    errno.EBUSY,
}
"""What a file system or server on a network says when it may work again in a while."""


def kind_of(error: BaseException) -> Kind:
    """The kind of failure, which decides whether the task is tried again."""
    if isinstance(error, CommandError):
        return error.kind
    if isinstance(error, KeyboardInterrupt):
        return Kind.INTERRUPTED
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return Kind.OUT_OF_MEMORY
    if isinstance(error, (TimeoutError, ConnectionError)):
        return Kind.STORAGE_TROUBLE
    if isinstance(error, OSError) and error.errno in _TRANSIENT:
        return Kind.STORAGE_TROUBLE
    return Kind.RAISED

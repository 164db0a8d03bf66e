"""What file systems of fsspec raise, as errors of storage."""

from __future__ import annotations

import errno

from ..errors import StorageError

_BY_STATUS = {401: "denied", 403: "denied", 404: "absent", 410: "absent", 413: "full", 507: "full"}
"""HTTP's; others from 400 on are in `_of_status`."""
_BY_NUMBER = {
    errno.ENOENT: "absent",
    errno.ENOTDIR: "absent",
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.EROFS: "denied",
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EISDIR: "unsupported",
    errno.EEXIST: "unsupported",
    errno.ENOTEMPTY: "unsupported",
    errno.EXDEV: "unsupported",
    errno.ENAMETOOLONG: "unsupported",
    errno.EINVAL: "unsupported",
}


def told(error: Exception, subject: str) -> StorageError:
    """What was raised about a target. What nobody has a word for is transient, never absence."""
    if isinstance(error, StorageError):
        return error
    words = str(error).strip() or type(error).__name__
    return StorageError(_kind(error), subject, words)


def _kind(error: BaseException) -> str:
    kind = _own_kind(error)
    # some say that a file is not there whatever has happened; the cause they name knows better
    cause = error.__cause__
    if kind == "absent" and isinstance(cause, Exception):
        return _kind(cause)
    return kind


def _own_kind(error: BaseException) -> str:
    status = getattr(error, "status", None) or getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(status, int):
        return _BY_STATUS.get(status, "transient" if status >= 500 or status in (408, 429) else "unsupported")
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "absent"
    if isinstance(error, PermissionError) or "auth" in type(error).__name__.lower():
        return "denied"
    if isinstance(error, FileExistsError | IsADirectoryError | NotImplementedError | ValueError | TypeError):
        return "unsupported"
    if "already exists" in str(error):
        return "unsupported"
    return _BY_NUMBER.get(getattr(error, "errno", None) or 0, "transient")

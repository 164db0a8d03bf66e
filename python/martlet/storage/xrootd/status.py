"""What XRootD's client and servers answer, as errors of storage."""

from __future__ import annotations

from typing import Any

from ..errors import StorageError

# XErrorCode in XRootD's src/XProtocol/XProtocol.hh
_SERVER_SAYS = {
    3002: "unsupported",  # ArgTooLong
    3003: "transient",  # FileLocked
    3005: "unsupported",  # FSError: whatever has no code of its own
    3007: "transient",  # IOError
    3008: "transient",  # NoMemory
    3009: "full",  # NoSpace
    3010: "denied",  # NotAuthorized
    3011: "absent",  # NotFound
    3012: "transient",  # ServerError
    3013: "unsupported",  # Unsupported
    3014: "transient",  # noserver: the one that has the file is away
    3015: "unsupported",  # NotFile
    3016: "unsupported",  # isDirectory
    3018: "unsupported",  # ItExists
    3019: "corrupt",  # ChkSumErr
    3020: "transient",  # inProgress
    3021: "full",  # overQuota
    3022: "denied",  # SigVerErr
    3024: "transient",  # Overloaded
    3025: "denied",  # fsReadOnly
    3028: "denied",  # TLSRequired
    3029: "transient",  # noReplicas
    3030: "denied",  # AuthFailed
    3033: "transient",  # TooManyErrs
    3034: "transient",  # ReqTimedOut
    3035: "transient",  # TimerExpired
}
_OTHER = 3005
# strerror's words, which servers append
_IN_WORDS = {
    "not a directory": "absent",  # nothing can be below a file
    "no space left": "full",
    "quota exceeded": "full",
    "read-only file system": "denied",
    "timed out": "transient",
    "input/output error": "transient",
}
# XrdCl's own, in XRootD's src/XrdCl/XrdClStatus.hh; what is not here has to do with a connection
_CLIENT_SAYS = {
    3: "unsupported",  # errInvalidOp
    9: "unsupported",  # errInvalidArgs
    13: "unsupported",  # errNotSupported
    14: "corrupt",  # errDataError
    15: "unsupported",  # errNotImplemented
    203: "denied",  # errLoginFailed
    204: "denied",  # errAuthFailed
    205: "unsupported",  # errQueryNotSupported
    303: "unsupported",  # errInvalidResponse: a listing with a line break in a name
    305: "corrupt",  # errCheckSumError
}
_SERVER_ERROR = 400
_PARTIAL = 3  # suPartial


def check(status: Any, subject: str, complete: bool = False) -> None:
    """Raises what an XRootDStatus says of a target; returns if it is well.

    With `complete` an answer that lacks what some servers of a cluster would have said is not well.
    """
    if not status.ok:
        raise error(status, subject)
    if complete and status.code == _PARTIAL:
        raise StorageError("transient", subject, "some servers did not answer")


def error(status: Any, subject: str) -> StorageError:
    words = str(status.message).strip().rpartition("] ")[2]
    if status.code != _SERVER_ERROR:
        return StorageError(_CLIENT_SAYS.get(status.code, "transient"), subject, words)
    kind = _SERVER_SAYS.get(status.errno, "unsupported")
    if status.errno == _OTHER:
        kind = next((own for part, own in _IN_WORDS.items() if part in words.lower()), kind)
    return StorageError(kind, subject, f"{words} ({status.errno})")

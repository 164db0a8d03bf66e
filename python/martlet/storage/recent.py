"""Which remote targets this process has committed itself: a store may show them a little later."""

from __future__ import annotations

_MOST = 4096
_committed: dict[str, None] = {}


def remember(location: str) -> None:
    """It was committed."""
    if "://" in location:
        _committed.pop(location, None)
        _committed[location] = None
        if len(_committed) > _MOST:
            del _committed[next(iter(_committed))]


def forget(location: str) -> None:
    """It was removed."""
    _committed.pop(location, None)


def is_committed(location: str) -> bool:
    """Whether this process has committed it, and not removed it since."""
    return location in _committed

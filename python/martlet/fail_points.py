"""Places where a test can make the world fail, on this side of the bridge: `FailPoint` in MartletSystem lists them.

Passing one goes through `if armed`, so that it costs nothing when the environment asks for no fault.
"""

from __future__ import annotations

import os
import signal
from typing import NoReturn

armed = "MARTLET_FAIL" in os.environ or "MARTLET_FAIL_STATE" in os.environ


def reach(point: str) -> None:
    """Says that the process is here. Raises the OSError that is asked for; may not return at all."""
    _pass(point)


def skips(point: str) -> bool:
    """The same for a call: whether it is to be left out, as if it had succeeded."""
    return _pass(point)[0] == "skip"


def torn(point: str) -> int | None:
    """The same for a write: after how many bytes the process is to be killed; None when it goes on."""
    word, amount = _pass(point)
    return amount if word == "torn" else None


def die() -> NoReturn:
    """Ends this process as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise SystemError("SIGKILL did not end the process")


def _pass(point: str) -> tuple[str, int]:
    from . import _bridge  # the engine: targets must do without it

    word, _, amount = _bridge.pass_fail_point(point).partition(" ")
    if word == "error":
        raise OSError(int(amount), os.strerror(int(amount)))
    return word, int(amount or 0)

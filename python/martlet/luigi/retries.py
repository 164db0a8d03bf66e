"""luigi's settings of further tries, as a policy of the engine's.

luigi tries a failed task again only while its worker is kept alive: `retry_delay` seconds later, until it has failed
`retry_count` times.
"""

from __future__ import annotations

from typing import Any

from ..parameters.boolean import BoolParameter
from ..parameters.configured import configured
from ..parameters.number import FloatParameter, IntParameter
from ..retry import Retry

RETRY_COUNT = 999_999_999
"""luigi's default: for ever."""
RETRY_DELAY = 900.0
"""luigi's default, in seconds."""

FINAL = Retry(error=0, lost=0, memory=0, storage=0, timeout=0)
"""A failure is final for the run: luigi's default."""


def policy(retry_count: int | None) -> Retry:
    """What `keep_alive` of the section [worker] and `retry_count` and `retry_delay` of [scheduler] make of failures.

    `retry_count`: the task's own, where it has one. Raises ValueError for settings that cannot be read.
    """
    alive = configured("worker", "keep_alive")
    if alive is None:
        alive = configured("core", "worker-keep-alive")
    if alive is None or not _read(BoolParameter(), alive):
        return FINAL
    delay = _setting(FloatParameter(), "retry_delay", RETRY_DELAY)
    most = _setting(IntParameter(), "retry_count", RETRY_COUNT) if retry_count is None else retry_count
    again = max(0, most - 1)
    return Retry(
        error=again, lost=again, memory=again, storage=again, timeout=again,
        delay=delay, back_off=1.0, longest_delay=delay, memory_factor=1.0,
    )  # fmt: skip


def _setting(parameter: Any, name: str, default: Any) -> Any:
    value = configured("scheduler", name)
    return default if value is None else _read(parameter, value)


def _read(parameter: Any, value: Any) -> Any:
    """A value of a configuration file: text, or what TOML makes of it."""
    return parameter.parse(value) if isinstance(value, str) else value

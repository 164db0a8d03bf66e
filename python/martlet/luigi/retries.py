"""luigi's settings of further tries, as a policy of the engine's.

luigi tries a failed task again `retry_delay` seconds later, until it has failed `retry_count` times. Its worker is
there to see that moment if it has other work, or is kept alive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..parameters.boolean import BoolParameter
from ..parameters.configured import configured
from ..parameters.number import FloatParameter, IntParameter
from ..retry import Retry

RETRY_COUNT = 999_999_999
"""luigi's default: for ever."""
RETRY_DELAY = 900.0
"""luigi's default, in seconds."""

_given: Mapping[tuple[str, str], Any] = {}
"""By section and name: settings that the worker and the scheduler of this run were made with."""


@contextmanager
def given(settings: Mapping[tuple[str, str], Any]) -> Iterator[None]:
    """Within it these settings count before the configuration's."""
    global _given
    before, _given = _given, settings
    try:
        yield
    finally:
        _given = before


def policy(retry_count: int | None) -> Retry:
    """What `keep_alive` of the section [worker] and `retry_count` and `retry_delay` of [scheduler] make of failures.

    `retry_count`: the task's own, where it has one. Raises ValueError for settings that cannot be read.
    """
    alive = _setting(BoolParameter(), "core", "worker-keep-alive", False)
    alive = _setting(BoolParameter(), "worker", "keep_alive", alive)
    delay = _setting(FloatParameter(), "scheduler", "retry_delay", RETRY_DELAY)
    most = _setting(IntParameter(), "scheduler", "retry_count", RETRY_COUNT) if retry_count is None else retry_count
    again = max(0, most - 1)
    return Retry(
        error=again, lost=again, memory=again, storage=again, timeout=again,
        delay=delay, back_off=1.0, longest_delay=delay, memory_factor=1.0, holds_run=alive,
    )  # fmt: skip


def _setting(parameter: Any, section: str, name: str, default: Any) -> Any:
    """A value of a configuration file is text, or what TOML makes of it."""
    if (section, name) in _given:
        return _given[section, name]
    value = configured(section, name)
    if value is None:
        return default
    return parameter.parse(value) if isinstance(value, str) else value

"""Some of many numbered things: `0:100,250`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .base import Parameter

Span = tuple[int, int | None]
"""From a number up to, but not including, another; None: to the end."""
_PART = re.compile(r"(\d+)|(\d*):(\d*)")


class BranchesParameter(Parameter[tuple[Span, ...]]):
    """Numbers and ranges of numbers, with commas between them: `0:100,250`, `1000:`. The end of a range is not in it.

    The value is a tuple of spans (from, to); none at all stands for everything. Numbers and `range` objects are taken
    by constructors too.
    """

    @property
    def expected(self) -> str:
        return "numbers and ranges such as 0:100,250"

    def parse(self, x: str) -> tuple[Span, ...]:
        """Raises ValueError."""
        return self.normalize([_span(part.strip()) for part in x.split(",") if part.strip()])

    def normalize(self, x: Any) -> tuple[Span, ...]:
        """Sorted, those that touch joined. Raises ValueError, also for a range that is empty: no span means all."""
        if isinstance(x, str):
            return self.parse(x)
        given = [x] if isinstance(x, (int, range)) else x
        spans = sorted((_as_span(part) for part in given), key=lambda span: span[0])
        joined: list[Span] = []
        for start, stop in spans:
            if joined and (joined[-1][1] is None or start <= joined[-1][1]):
                last = joined[-1][1]
                joined[-1] = (joined[-1][0], None if stop is None or last is None else max(stop, last))
            else:
                joined.append((start, stop))
        return tuple(joined)

    def serialize(self, x: tuple[Span, ...]) -> str:
        """The text that `parse` understands."""
        return ",".join(_text(*span) for span in x)


def selected(spans: tuple[Span, ...], numbers: Iterable[int]) -> Iterable[int]:
    """Those of the numbers that lie in one of the spans; all where there are no spans."""
    if not spans:
        return numbers
    return [n for n in numbers if any(start <= n and (stop is None or n < stop) for start, stop in spans)]


def _text(start: int, stop: int | None) -> str:
    if stop is None:
        return f"{start}:"
    return str(start) if stop == start + 1 else f"{start}:{stop}"


def _span(text: str) -> Span:
    found = _PART.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is neither a number nor a range of numbers")
    if found[1] is not None:
        return int(found[1]), int(found[1]) + 1
    return _checked(int(found[2] or 0), int(found[3]) if found[3] else None)


def _as_span(part: Any) -> Span:
    if isinstance(part, bool):
        raise ValueError(f"{part!r} is neither a number nor a range of numbers")
    if isinstance(part, int):
        start, stop = part, part + 1
    elif isinstance(part, range) and part.step == 1:
        start, stop = part.start, part.stop
    elif isinstance(part, str):
        return _span(part)
    elif isinstance(part, (tuple, list)) and len(part) == 2 and isinstance(part[0], int):
        start, stop = part[0], part[1]
    else:
        raise ValueError(f"{part!r:.80} is neither a number nor a range of numbers")
    if start < 0:
        raise ValueError(f"{part!r} has numbers below 0")
    return _checked(start, stop)


def _checked(start: int, stop: int | None) -> Span:
    if stop is not None and stop <= start:
        raise ValueError(f"{start}:{stop} is an empty range: its end is not in it")
    return start, stop

"""Which of many targets are there, as it crosses between processes and to the engine: `LookedFrame` in MartletStorage.

Locations go with NULs between them. Answers are two bytes a target, little-endian: 0 absent, 1 there, 2 + n the n-th of
the reasons why something could not be found out.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

_MOST_REASONS = 60_000
"""More different ones are all told as the last of them."""
_T = TypeVar("_T")


def joined(targets: Sequence[str]) -> bytes:
    """Raises UnicodeEncodeError."""
    return "\0".join(targets).encode()


def parted(content: bytes) -> list[str]:
    """What `joined` made of them; one empty location of nothing."""
    return content.decode("utf-8", "replace").split("\0")


def encoded(answers: Sequence[bool | dict[str, Any]]) -> tuple[list[dict[str, Any]], bytes]:
    """The reasons, and the bytes, of answers: True, False, or why it is not known."""
    reasons: list[dict[str, Any]] = []
    known: dict[tuple[str, str], int] = {}
    numbers = array("H", bytes(2 * len(answers)))
    for place, answer in enumerate(answers):
        if answer is True:
            numbers[place] = 1
        elif answer is not False:
            key = str(answer["error"]), str(answer["message"])
            if key not in known and len(reasons) < _MOST_REASONS:
                known[key] = len(reasons)
                reasons.append(answer)
            numbers[place] = 2 + known.get(key, len(reasons) - 1)
    return reasons, _little(numbers).tobytes()


def decoded(
    reasons: Sequence[dict[str, Any]], content: bytes, unknown: Callable[[int, dict[str, Any]], _T]
) -> list[bool | _T]:
    """`unknown` makes something of the place of an answer and of the reason why it is not known."""
    numbers = array("H")
    numbers.frombytes(content)
    _little(numbers)
    if not reasons:
        return [number == 1 for number in numbers]
    return [
        number == 1 if number < 2 else unknown(place, reasons[number - 2]) for place, number in enumerate(numbers)
    ]


def _little(numbers: array[int]) -> array[int]:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers

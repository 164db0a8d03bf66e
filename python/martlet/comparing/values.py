"""Values out of files: the first place where two differ."""

from __future__ import annotations

from typing import Any


def difference(first: Any, second: Any, place: str = "") -> str | None:
    """Where two structures of dicts, lists and plain values first differ; None where they do not.

    Numbers are equal when they are the same number, NaN and NaN included.
    """
    waiting = [(first, second, place)]
    while waiting:
        one, other, where = waiting.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            for key in [*one, *(key for key in other if key not in one)]:
                if key not in one or key not in other:
                    return f"{where}.{key}".lstrip(".") + f" is only in the {'first' if key in one else 'second'}"
            waiting += [(one[key], other[key], f"{where}.{key}".lstrip(".")) for key in reversed(one)]
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return f"{where or 'the list'} has {len(one)} and {len(other)} entries"
            waiting += [(one[i], other[i], f"{where}[{i}]") for i in reversed(range(len(one)))]
        elif not _equal(one, other):
            return f"{where or 'the value'}: {_short(one)} and {_short(other)}"
    return None


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other) or (one != one and other != other)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"

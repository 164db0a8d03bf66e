"""Arrays of numpy: the first element that differs."""

from __future__ import annotations

from typing import Any


def difference(first: Any, second: Any, name: str) -> str | None:
    """Where two arrays first differ; None where they do not. NaN is as NaN."""
    import numpy as np

    if first.shape != second.shape:
        return f"{name} has the shapes {first.shape} and {second.shape}"
    if first.dtype != second.dtype:
        return f"{name} has the types {first.dtype} and {second.dtype}"
    unlike = np.asarray(first != second)
    if first.dtype.kind in "fc":
        unlike &= ~(np.isnan(first) & np.isnan(second))
    if not unlike.any():
        return None
    where = tuple(int(i) for i in np.argwhere(unlike)[0])
    at = f"[{', '.join(map(str, where))}]" if where else ""
    return f"{name}{at}: {first[where]!s} and {second[where]!s} ({int(unlike.sum())} of {unlike.size} differ)"

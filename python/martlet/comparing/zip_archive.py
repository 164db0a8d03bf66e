"""zip archives, numpy's npz among them: the files within, without the archive's dates."""

from __future__ import annotations

import zipfile

LEAVES_OUT = "dates in the archive, and how it is compressed"


def difference(first: str, second: str) -> str | None:
    with zipfile.ZipFile(first) as one, zipfile.ZipFile(second) as other:
        here, there = set(one.namelist()), set(other.namelist())
        for name in sorted(here ^ there):
            return f"{name} is only in the {'first' if name in here else 'second'}"
        for name in sorted(here):
            if one.read(name) != other.read(name):
                return _within(name, one.read(name), other.read(name))
    return None


def _within(name: str, first: bytes, second: bytes) -> str:
    if name.endswith(".npy"):
        try:
            return _arrays(name, first, second)
        except ImportError:
            pass  # the bytes say enough
    unlike = (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b)
    same = next(unlike, min(len(first), len(second)))
    return f"{name}: byte {same} ({len(first)} and {len(second)} bytes)"


def _arrays(name: str, first: bytes, second: bytes) -> str:
    import io

    import numpy as np

    from .arrays import difference as between

    one, other = (np.load(io.BytesIO(data), allow_pickle=False) for data in (first, second))
    return between(one, other, name.removesuffix(".npy")) or f"the header of {name}"

"""ROOT files: keys with their classes, branches of trees, values of histograms; no dates and UUIDs of the file."""

from __future__ import annotations

from typing import Any

LEAVES_OUT = "dates and identifiers of the file, and how it is compressed"
_STEP = "100 MB"


def difference(first: str, second: str) -> str | None:
    import uproot  # type: ignore[import-untyped]

    with uproot.open(first) as one, uproot.open(second) as other:
        here, there = _keys(one), _keys(other)
        for name in sorted(here.keys() ^ there.keys()):
            return f"{name} is only in the {'first' if name in here else 'second'}"
        for name in here:
            if here[name] != there[name]:
                return f"{name} is a {here[name]} and a {there[name]}"
            if here[name].startswith("TDirectory"):
                continue
            if found := _objects(name, one[name], other[name]):
                return found
    return None


def _keys(file: Any) -> dict[str, str]:
    """Names with their cycles, and the classes of what they name."""
    return dict(file.classnames(recursive=True))


def _objects(name: str, first: Any, second: Any) -> str | None:
    if hasattr(first, "iterate") and hasattr(first, "num_entries"):
        return _trees(name, first, second)
    if hasattr(first, "values") and hasattr(first, "axes"):
        return _histograms(name, first, second)
    from . import values

    return values.difference(_plain(first), _plain(second), name)


def _trees(name: str, first: Any, second: Any) -> str | None:
    import numpy as np

    if first.num_entries != second.num_entries:
        return f"{name} has {first.num_entries} and {second.num_entries} entries"
    branches, others = first.keys(recursive=True), second.keys(recursive=True)
    for branch in [*branches, *others]:
        if branch not in branches or branch not in others:
            return f"{name}:{branch} is only in the {'first' if branch in branches else 'second'}"
    begin = 0
    readable = [branch for branch in branches if not _parts(first[branch])]
    for here, there in zip(first.iterate(readable, step_size=_STEP, library="np"),
                           second.iterate(readable, step_size=_STEP, library="np"), strict=False):  # fmt: skip
        length = 0
        for branch in readable:
            one, other = here[branch], there[branch]
            length = len(one)
            for entry in _unlike(np, one, other):
                return f"{name}:{branch}[{begin + entry}]: {_short(one[entry])} and {_short(other[entry])}"
        begin += length
    return None


def _parts(branch: Any) -> Any:
    """What a branch of a tree, or a field of an RNTuple, is made of."""
    return branch.branches if hasattr(branch, "branches") else branch.fields


def _unlike(np: Any, first: Any, second: Any) -> Any:
    """Entries in which two columns differ, the first of them; lists of lists are looked at one by one."""
    if first.dtype != object and second.dtype == first.dtype and first.shape == second.shape:
        unlike = first != second
        if first.dtype.kind == "f":
            unlike &= ~(np.isnan(first) & np.isnan(second))
        return np.argwhere(unlike)[:1, 0].tolist() if unlike.any() else []
    from . import values

    for entry, (one, other) in enumerate(zip(first, second, strict=True)):
        if values.difference(_plain(one), _plain(other)):
            return [entry]
    return []


def _histograms(name: str, first: Any, second: Any) -> str | None:
    from . import arrays

    for what in ("values", "variances"):
        one, other = (getattr(histogram, what)(flow=True) for histogram in (first, second))
        if (one is None) != (other is None):
            return f"only one {name} has {what}"
        if one is not None and (found := arrays.difference(one, other, f"{what} of {name}")):
            return found
    for axis, (one, other) in enumerate(zip(first.axes, second.axes, strict=True)):
        if found := arrays.difference(one.edges(), other.edges(), f"edges of axis {axis} of {name}"):
            return found
    return None


def _plain(value: Any) -> Any:
    """An object as dicts, lists and values, as far as it has members."""
    if hasattr(value, "all_members"):
        return {key: _plain(member) for key, member in value.all_members.items() if not key.startswith(("@", "f_"))}
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, (list, tuple)) or type(value).__name__.startswith("STL"):
        return [_plain(item) for item in value]
    return value if isinstance(value, (str, int, float, bool, bytes, type(None))) else repr(type(value))


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"

"""ROOT files, by uproot: a dict of histograms and trees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .base import UnfitContent, package

_FILES, _EXTRA = "ROOT files", "'martlet[hep]'"


def load(path: str, only: Any = None, branches: Any = None) -> dict[str, Any]:
    """All that the file holds, by name (`folder/name`), in memory.

    A tree is a dict of arrays: numpy's where each entry has one value, awkward's where it has any number. A histogram
    is one of `hist`.

    :param only: names, or a pattern such as `"shifts/*"`, of what is wanted.
    :param branches: names, or a pattern, of the branches that are wanted of trees.
    """
    uproot = package("uproot", _FILES, _EXTRA)
    with uproot.open(path) as file:
        names = file.keys(cycle=False, filter_name=only)
        folders = {name for name, kind in file.classnames(cycle=False).items() if kind.startswith("TDirectory")}
        return {name: _read(file[name], branches) for name in names if name not in folders}


def _read(thing: Any, branches: Any) -> Any:
    kind = type(thing).__name__ if not hasattr(thing, "classname") else thing.classname
    if kind == "TTree":
        return _arrays(thing, branches)
    if kind.startswith(("TH1", "TH2", "TH3", "TProfile")):
        package("hist", "histograms in ROOT files", _EXTRA)
        return thing.to_hist()
    return str(thing) if kind == "TObjString" else thing


def _arrays(tree: Any, wanted: Any) -> dict[str, Any]:
    counters = {id(branch.count_branch) for branch in tree.branches if branch.count_branch is not None}
    arrays = {}
    for branch in tree.itervalues(filter_name=wanted, recursive=False):
        if id(branch) not in counters:
            array = branch.array(library="ak")
            arrays[branch.name] = array.to_numpy() if array.ndim == 1 and array.layout.is_numpy else array
    return arrays


def dump(obj: Any, path: str) -> None:
    """Writes a dict by name: histograms (hist, boost-histogram, numpy's pair of counts and edges), texts, and trees.

    A tree is a dict of arrays of one length, an awkward array of records, or a DataFrame.
    """
    if not isinstance(obj, dict):
        raise UnfitContent(f"a ROOT file holds a dict of histograms and trees, not {type(obj).__name__}")
    with package("uproot", _FILES, _EXTRA).recreate(path) as file:
        for name, thing in obj.items():
            columns = dict(_columns(thing))
            if not columns:
                file[name] = thing
                continue
            tree = file.mktree(name, {column: _type(array) for column, array in columns.items()})
            if any(len(array) for array in columns.values()):
                tree.extend(columns)


def _columns(thing: Any) -> Iterator[tuple[str, Any]]:
    """The branches of a tree; none for what is no tree."""
    origin = type(thing).__module__.partition(".")[0]
    if isinstance(thing, dict):
        for name, array in thing.items():
            yield name, _array(array)
    elif origin == "awkward":
        for name in thing.fields:
            yield name, _array(thing[name])
    elif origin == "pandas":
        for name in thing.columns:
            yield str(name), thing[name].to_numpy()


def _array(array: Any) -> Any:
    """numpy's where that is possible."""
    if type(array).__module__.partition(".")[0] == "awkward":
        return array.to_numpy() if array.ndim == 1 and array.layout.is_numpy else array
    return package("numpy", _FILES).asarray(array)


def _type(array: Any) -> Any:
    return array.dtype if hasattr(array, "dtype") else array.type.content

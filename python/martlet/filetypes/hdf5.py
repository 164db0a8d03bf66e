"""HDF5, by h5py: a dict of arrays, numbers and texts; dicts within are groups."""

from __future__ import annotations

from typing import Any

from .base import UnfitContent, package

_FILES = "HDF5 files"


def load(path: str, only: str = "/") -> Any:
    """All that the file holds, in memory. `only`: the name of one group or array (`"fit/covariance"`)."""
    with package("h5py", _FILES).File(path, "r") as file:
        return _read(file[only])


def _read(thing: Any) -> Any:
    if hasattr(thing, "keys"):
        return {name: _read(thing[name]) for name in thing}
    kind = package("h5py", _FILES).check_string_dtype(thing.dtype)
    if kind is None:
        return thing[()]
    texts = thing.asstr()[()]
    return texts if thing.shape else str(texts)


def dump(obj: Any, path: str, compression: Any = None) -> None:
    """Writes a dict. `compression`: as h5py's, for arrays: `"gzip"`."""
    if not isinstance(obj, dict):
        raise UnfitContent(f"an HDF5 file holds a dict of arrays, not {type(obj).__name__}")
    with package("h5py", _FILES).File(path, "w") as file:
        _write(obj, file, compression)


def _write(content: dict[str, Any], group: Any, compression: Any) -> None:
    h5py, np = package("h5py", _FILES), package("numpy", _FILES)
    for name, value in content.items():
        if isinstance(value, dict):
            _write(value, group.create_group(name), compression)
            continue
        array = np.asarray(value)
        if array.dtype.kind == "U":
            array = array.astype(h5py.string_dtype())
        elif array.dtype.hasobject and h5py.check_string_dtype(array.dtype) is None:
            raise UnfitContent(f"{group.name}/{name} holds {type(value).__name__}, which HDF5 cannot keep")
        group.create_dataset(name, data=array, compression=compression if array.ndim else None)

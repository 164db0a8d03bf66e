"""NumPy arrays: `.npy` holds one, `.npz` a dict of them. No pickles within, neither read nor written."""

from __future__ import annotations

from typing import Any

from .base import UnfitContent, package

_FILES = "NumPy files"


def load(path: str, mmap_mode: Any = None) -> Any:
    """The array, or a dict of arrays. `mmap_mode`: as numpy.load's, for an array of a local file."""
    loaded = package("numpy", _FILES).load(path, mmap_mode=mmap_mode, allow_pickle=False)
    if not path.lower().endswith(".npz"):
        return loaded
    with loaded:
        return {name: loaded[name] for name in loaded.files}


def dump(obj: Any, path: str, compressed: bool = False) -> None:
    """Writes an array, or for `.npz` a dict of arrays. `compressed`: zip them (`.npz` alone)."""
    np = package("numpy", _FILES)
    if not path.lower().endswith(".npz"):
        with open(path, "wb") as file:  # numpy would change a name that it does not like
            np.save(file, np.asanyarray(obj), allow_pickle=False)
        return
    if not isinstance(obj, dict):
        raise UnfitContent(f"an .npz file holds a dict of arrays, not {type(obj).__name__}")
    arrays = {name: np.asanyarray(array) for name, array in obj.items()}
    odd = next((name for name, array in arrays.items() if array.dtype.hasobject), None)
    if odd is not None:
        raise UnfitContent(f"the array {odd!r} holds Python objects, which an .npz file could only keep as a pickle")
    with open(path, "wb") as file:
        (np.savez_compressed if compressed else np.savez)(file, **arrays)

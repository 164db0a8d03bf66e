"""Awkward arrays as they are, with behaviours' names and all: their buffers beside a description, in a zip file."""

from __future__ import annotations

import json
from typing import Any

from .base import UnfitContent, package

_FILES = "files of awkward arrays"
_FORM, _PREFIX = "form.json", "buffer/"


def load(path: str, behavior: Any = None) -> Any:
    """The array. `behavior`: as awkward.from_buffers'; that of awkward.behavior if None."""
    ak, np = package("awkward", _FILES), package("numpy", _FILES)
    with np.load(path, allow_pickle=False) as file:
        if _FORM not in file.files:
            raise UnfitContent(f"{path} is no file of awkward arrays")
        described = json.loads(bytes(file[_FORM]))
        buffers = {name.removeprefix(_PREFIX): file[name] for name in file.files if name.startswith(_PREFIX)}
    form = ak.forms.from_dict(described["form"])
    return ak.from_buffers(form, described["length"], buffers, behavior=behavior)


def dump(obj: Any, path: str) -> None:
    """Writes an array (or what awkward.Array takes), packed."""
    ak, np = package("awkward", _FILES), package("numpy", _FILES)
    form, length, buffers = ak.to_buffers(ak.to_packed(ak.Array(obj)))
    described = json.dumps({"form": form.to_dict(), "length": length}).encode()
    arrays = {_PREFIX + name: np.ascontiguousarray(buffer) for name, buffer in sorted(buffers.items())}
    with open(path, "wb") as file:
        np.savez_compressed(file, **{_FORM: np.frombuffer(described, dtype="u1"), **arrays})

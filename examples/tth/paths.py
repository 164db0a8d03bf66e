"""The layout of the results within their store, and of external data."""

from __future__ import annotations

import hashlib
from pathlib import Path

from physics.datasets import DATASETS


class SourceError(ValueError):
    """External data are not laid out as needed."""


def campaign(source: str, size: float, cuts: str) -> str:
    """Folder name of everything made from the same events with the same cuts."""
    path = Path(source).resolve()
    # Two files of one name in different folders are different events.
    name = f"{path.stem}-{hashlib.sha256(str(path).encode()).hexdigest()[:6]}" if source else "toy"
    scaled = "" if size == 1.0 or source else f"-x{size:g}"
    return name + scaled + ("" if cuts == "signal" else f"-{cuts}")


def external_files(source: str, dataset: str) -> list[Path]:
    """The NanoAOD files of `dataset` at `source`: a file, a folder of files, or a folder with one folder a dataset."""
    root = Path(source)
    if root.is_file():
        return [root]
    if not root.is_dir():
        raise SourceError(f"--source {source}: there is no such file or folder")
    folder = root / dataset
    files = sorted((folder if folder.is_dir() else root).glob("*.root"))
    if not files:
        raise SourceError(
            f"--source {source}: no *.root for dataset {dataset}, neither there nor in its folder {dataset}/"
        )
    return files


def require_folders(source: str) -> None:
    """The analysis as a whole tells signal, background and data apart by their folders."""
    absent = [name for name in DATASETS if not (Path(source) / name).is_dir()]
    if absent:
        raise SourceError(
            f"--source {source}: the whole analysis needs a folder for each dataset and lacks {', '.join(absent)}; "
            "hint: a single file can be given to Selection or Reconstruction"
        )

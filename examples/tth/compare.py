"""Compares all histograms of two result folders: python compare.py A B.

Exit code 0 if both have the same files with the same histograms, bin for bin to the last digit, and at least one; 1 if
not; 2 if a folder is not there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import uproot


def histogram_files(folder: Path) -> dict[str, Path]:
    """Files of histograms below `folder`, by their path within; what a killed writer left begins with a dot."""
    files = [path for path in sorted(folder.glob("**/histograms/**/*.root")) if not path.name.startswith(".")]
    return {str(path.relative_to(folder)): path for path in files}


def differences(first: Path, second: Path) -> Iterator[str]:
    """One line for everything that differs between two files."""
    with uproot.open(first) as a, uproot.open(second) as b:
        names = [set(file.keys(cycle=False, filter_classname="TH*")) for file in (a, b)]
        for name in sorted(names[0] ^ names[1]):
            yield f"{name}: only in {first if name in names[0] else second}"
        for name in sorted(names[0] & names[1]):
            for what in ("values", "variances"):
                x, y = (getattr(file[name], what)(flow=True) for file in (a, b))
                if not np.array_equal(x, y):
                    yield f"{name}: {what} differ"
            if not np.array_equal(a[name].axis().edges(), b[name].axis().edges()):
                yield f"{name}: bin edges differ"


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or not all(Path(argument).is_dir() for argument in arguments):
        print("usage: python compare.py A B, two folders of results", file=sys.stderr)
        return 2
    first, second = (histogram_files(Path(argument)) for argument in arguments)
    found = [
        f"{name}: only in {arguments[0] if name in first else arguments[1]}"
        for name in sorted(set(first) ^ set(second))
    ]
    for name in sorted(set(first) & set(second)):
        found += [f"{name}: {line}" for line in differences(first[name], second[name])]
    if not first and not second:
        found.append("no histograms in either folder")
    for line in found:
        print(line)
    print(f"{len(first)} and {len(second)} files of histograms: {'they differ' if found else 'all the same'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

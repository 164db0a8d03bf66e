"""Prints the digest of each source file that is named on standard input, as this Python has it: python corpus.py."""

from __future__ import annotations

import sys
import warnings

from martlet.fingerprint.digest import short
from martlet.fingerprint.examination import examine

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        path = line.rstrip("\n")
        try:
            with open(path, "rb") as file:
                told = short(repr(examine(file.read(), "package").plain()))
        except (SyntaxError, ValueError) as error:
            told = f"refused: {type(error).__name__}"
        print(f"{told} {path}")

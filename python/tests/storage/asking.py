"""A program that asks a store: `python -m storage.asking ROOT URL WHAT`, for tests that kill and interrupt it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent / "rude_store"))

from martlet import storage
from martlet.storage import launching


def main(root: str, url: str, what: str) -> None:
    launching.use_settings([{"url": url, "root": root}])
    if what == "elsewhere":
        os.chdir("/")
    if what == "fetch":
        print(storage.fetch([(f"{url}/x", f"{root}/fetched")]))
    else:
        print(storage.look([f"{url}/x"]))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Chains of tasks for several drivers in one area: `python links.py Link --driver 3 --n 40 --state AREA`.

A link that begins says so in the file `acknowledged`: then the report of the one before it is written.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import martlet

FOLDER = Path(os.environ["LINKS"])


class Link(martlet.Task):
    driver = martlet.IntParameter()
    n = martlet.IntParameter()
    filler = martlet.Parameter(default="x" * 2000, significant=False)
    """Makes the records large enough for an index."""

    def requires(self) -> Any:
        return Link(self.driver, self.n - 1) if self.n > 1 else []

    def output(self) -> Any:
        return martlet.LocalTarget(str(FOLDER / f"{self.driver}" / f"{self.n}"))

    def run(self) -> None:
        acknowledge(f"{self.driver} {self.n - 1} {os.getpid()}\n")
        with self.output().open("w") as file:
            file.write(str(self.n))


def acknowledge(line: str) -> None:
    """One write, so that lines of several processes stay whole."""
    file = os.open(FOLDER / "acknowledged", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        os.write(file, line.encode())
    finally:
        os.close(file)


if __name__ == "__main__":
    martlet.run()

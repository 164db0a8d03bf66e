"""luigi.contrib.mrrunner: what luigi.contrib.hadoop sends to the nodes of a cluster and starts there.

`python mrrunner.py map|combiner|reduce` runs one part of the job that was pickled into `job-instance.pickle` beside it,
from standard input to standard output. luigi's own is not part of the luigi that PyPI has. Imports the standard library
alone: the packages of the job are in an archive that is unpacked first.
"""

from __future__ import annotations

import logging
import os
import pickle
import sys
import tarfile
import traceback
from typing import Any, TextIO

PACKAGES = "packages.tar"
JOB = "job-instance.pickle"


class Runner:
    """The job of the directory the node runs it in, and what can be asked of it."""

    def __init__(self, job: Any = None) -> None:
        """`job`: the task; read from the directory if None."""
        self.job = job or self.unpickled()
        self.job._setup_remote()

    @staticmethod
    def unpickled() -> Any:
        """The task in the current directory, with its packages importable."""
        if os.path.exists(PACKAGES):
            with tarfile.open(PACKAGES) as archive:
                if sys.version_info >= (3, 12):
                    archive.extractall(filter="data")
                else:
                    archive.extractall()
            sys.path.insert(0, os.getcwd())
        with open(JOB, "rb") as file:
            return pickle.load(file)

    def run(self, kind: str, stdin: TextIO, stdout: TextIO) -> None:
        """Runs the part called `kind`: "map", "combiner" or "reduce"."""
        parts = {"map": self.job.run_mapper, "combiner": self.job.run_combiner, "reduce": self.job.run_reducer}
        if kind not in parts:
            raise ValueError(f"no part of a job is called {kind!r}: give map, combiner or reduce")
        parts[kind](stdin, stdout)


def print_exception(error: BaseException) -> None:
    """Shows an error where Hadoop keeps it; it ends a job's message at the first character it does not know."""
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    sys.stderr.write(f"luigi-exc-hex={text.encode('utf-8').hex()}\n")


def main(arguments: list[str] | None = None, stdin: TextIO | None = None, stdout: TextIO | None = None) -> None:
    """The program; an error of the job is shown and raised."""
    words = sys.argv if arguments is None else arguments
    logging.basicConfig(level=logging.WARN)
    try:
        Runner().run(words[1], sys.stdin if stdin is None else stdin, sys.stdout if stdout is None else stdout)
    except Exception as error:
        print_exception(error)
        raise


if __name__ == "__main__":
    main()
